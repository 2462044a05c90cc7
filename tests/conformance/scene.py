"""What a case becomes: rows to land, meters, their prices, a contract, and where to look."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

Column = Literal[
    "reading",
    "rated",
    "rated of all lines",
    "line",
    "tier",
    "units",
    "charged",
    "minimum and maximum",
    "minimum",
    "taken off",
    "rated before",
    "free",
    "steps",
    "step units",
    "step price",
    "step flat",
    "step amount",
    "true-up",
    "fee exactly",
    "fee change",
    "fee credit",
    "fee charge",
    "days",
    "invoice net",
    "invoice tax",
    "invoice total",
    "coupons",
    "net of coupons",
    "line coupon",
    "line tax",
    "credits applied",
    "due",
    "credit net",
    "credit tax",
    "credit total",
    "wallet",
    "grants",
]
"""Where a figure is read; `run.QUERIES` has the query of each."""


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
    keeps_values: bool = False


@dataclass(frozen=True)
class Tier:
    """A row of plan_line_tiers.csv; without `up_to` it is the open one."""

    up_to: Decimal | None
    unit_price: Decimal
    flat_amount: Decimal = Decimal(0)
    block_size: Decimal | None = None


@dataclass(frozen=True)
class Currency:
    """A currency by its code; one that the default catalogue lacks is added to it."""

    code: str
    minor_unit: int


USD = Currency("USD", 2)

Cells = Mapping[str, Decimal | int | str | bool]
"""Columns of a catalogue file with what stands in them; a column that is not named is empty."""


@dataclass(frozen=True)
class Price:
    """A plan line on the meter, its tiers, and its terms.

    `options` are columns of plan_lines.csv, `terms` of plan_line_terms.csv.
    """

    charge_model: str
    tiers: tuple[Tier, ...]
    currency: Currency = USD
    options: Cells = field(default_factory=dict)
    terms: Cells = field(default_factory=dict)


@dataclass(frozen=True)
class Line:
    """What one meter counts, and its price where it has one."""

    meter: Meter
    events: tuple[Event, ...]
    price: Price | None = None


@dataclass(frozen=True)
class Contract:
    """What the contract of priced lines says besides: by default it is in force all month.

    `close_date` cuts the period in two parts; the amounts are a base fee of a whole interval, the
    same of the plan that is changed to, and a commitment over all that is charged. A fee per unit
    is for the quantity that is contracted from each day on. `rows` are more rows of catalogue
    files: those that belong to the contract or its tenant have no id of it, and keys are made its
    own.
    """

    start_date: date | None = None
    end_date: date | None = None
    close_date: date | None = None
    fee_amount: Decimal | None = None
    commitment_amount: Decimal | None = None
    tax_ratio: Decimal | None = None
    interval: str = "month"
    fee_unit_price: Decimal | None = None
    quantities: tuple[tuple[date, int], ...] = ()
    change: tuple[date, Decimal] | None = None
    billing_terms: Cells = field(default_factory=dict)

    rows: tuple[tuple[str, Cells], ...] = ()

    @property
    def has_fee(self) -> bool:
        return self.fee_amount is not None or self.fee_unit_price is not None


@dataclass(frozen=True)
class Figure:
    """An expected number and the column that it is compared with; a step names its tier.

    What is found is rounded to `decimals`, where the source shows no more of them. `place` is that
    of the line, from 1; `grants` are those whose balance at `until` is meant.
    """

    name: str
    column: Column
    amount: Decimal | None
    tier: int | None = None
    decimals: int | None = None
    place: int = 1
    grants: tuple[str, ...] = ()
    until: datetime | None = None


@dataclass(frozen=True)
class Scene:
    """A translated case. `month` is the period that the figures are of, or its last part.

    `credits` are asked for, before tax, one after the other, once its invoice is issued.
    """

    month: date
    lines: tuple[Line, ...]
    figures: tuple[Figure, ...]
    contract: Contract = Contract()
    remark: str = ""
    own_currency: Currency | None = None
    credits: tuple[Decimal, ...] = ()

    @property
    def segment_date(self) -> date:
        """The first day of the part of the month that the figures are of."""
        return self.contract.close_date or self.contract.start_date or self.month

    @property
    def currency(self) -> Currency:
        """That of all prices of the scene, which share a contract."""
        return self.own_currency or next(
            (line.price.currency for line in self.lines if line.price), USD
        )
