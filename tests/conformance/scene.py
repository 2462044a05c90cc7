"""What a case becomes: rows to land, a meter, a price where it has one, and where to look."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

Column = Literal["reading", "rated", "line"]
"""Where a figure is read: fct_meter_readings, fct_rated_usage, or the draft's invoice line."""


class OutOfScopeError(Exception):
    """A case that is not answered here, or rightly in another way; `str()` says why."""


@dataclass(frozen=True)
class Event:
    """A usage event; two with the same `event_id` are copies of one."""

    event_id: str
    at: datetime
    quantity: Decimal = Decimal(1)
    actor_id: str | None = None


@dataclass(frozen=True)
class Meter:
    """The columns of meters.csv in which the cases differ; all of them read calendar months."""

    aggregation: str
    value_field: str = "quantity"
    base_window: str = "1h"
    percentile: Decimal | None = None
    rounding_function: str = ""
    rounding_precision: int | None = None


@dataclass(frozen=True)
class Tier:
    """A row of plan_line_tiers.csv; without `up_to` it is the open one."""

    up_to: Decimal | None
    unit_price: Decimal
    flat_amount: Decimal


@dataclass(frozen=True)
class Price:
    """A plan line on the meter and its tiers."""

    charge_model: str
    tiers: tuple[Tier, ...]
    currency_code: str = "USD"


@dataclass(frozen=True)
class Figure:
    """An expected number and the column that it is compared with."""

    name: str
    column: Column
    amount: Decimal | None


@dataclass(frozen=True)
class Scene:
    """A translated case. `month` is the period that the figures are of."""

    month: date
    events: tuple[Event, ...]
    meter: Meter
    figures: tuple[Figure, ...]
    price: Price | None = None
    remark: str = ""
