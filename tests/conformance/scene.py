"""What a case becomes: rows to land, meters, their prices, a contract, and where to look."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

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
    "refusal",
    "cost",
    "cost above zero",
    "cost below zero",
    "cost nobody bears",
    "cost not accounted for",
    "cost rows rounded",
    "cost month",
    "driver month",
    "mrr",
    "mrr contracts",
    "mrr committed",
    "mrr movement",
    "mrr movements",
    "mrr movement in dollars",
    "mrr at the end",
    "mrr net new",
    "quick ratio",
    "gross churn",
    "net churn",
    "logo churn",
    "net retention",
    "gross retention",
    "cohort retention",
    "lifetime",
    "lifetime revenue",
    "lifetime value",
    "payback",
    "earned",
    "gross margin",
    "gross margin ratio",
    "no customer",
    "unit cost",
]
"""Where a figure is read; `run.QUERIES` has the query of each."""


class OutOfScopeError(Exception):
    """A case that is not answered here, or rightly in another way; `str()` says why."""


@dataclass(frozen=True)
class Event:
    """A usage event; two with the same `event_id` are copies of one.

    `tenant` is one of those that share the scene's cost; without it, it is the scene's only one.
    """

    event_id: str
    at: datetime
    quantity: Decimal = Decimal(1)
    actor_id: str | None = None
    tenant: str = ""


@dataclass(frozen=True)
class Meter:
    """The columns of meters.csv in which the cases differ."""

    aggregation: str
    value_field: str = "quantity"
    base_window: str = "1h"
    percentile: Decimal | None = None
    rounding_function: str = ""
    rounding_precision: int | None = None
    keeps_values: bool = False
    reading_window: str = "month"


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

Rows = Mapping[str, Sequence[Mapping[str, Any]]]
"""Catalogue file without its ending -> rows, of which each names the columns that are not empty."""


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
class Charge:
    """A row of a cost and usage statement, of the scene's provider; its service says who shares it.

    One that names a tenant is that tenant's. `columns` are more of the row by their FOCUS names.
    """

    service: str
    billed: Decimal
    effective: Decimal
    start: datetime
    end: datetime
    tenant: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Share:
    """A row of allocation_shares.csv; `meter` is the place of a line, from 1.

    Direct cost drives where it is of the scene's provider, and has the rest of `same_as` in common
    with what is shared.
    """

    driver: Literal["meter", "direct_cost", "even", "rule"]
    ratio: Decimal = Decimal(1)
    meter: int = 0
    rule: str = ""
    tenants: tuple[str, ...] = ()
    same_as: tuple[str, ...] = ()
    capacity: Decimal | None = None


@dataclass(frozen=True)
class Cost:
    """Whose the charges of a scene are: those of a service by the rule that it is mapped to.

    `tenants` share it, and ties go to the first. A service with neither a rule nor a tenant is
    unmapped. `mapped` are more columns of a service's row of cost_mapping_rules.csv.
    With a target for what a unit of the scene's meter costs, its cost is of its own capability.
    """

    tenants: tuple[str, ...]
    charges: tuple[Charge, ...]
    rules: Mapping[str, tuple[Share, ...]] = field(default_factory=dict)
    services: Mapping[str, str] = field(default_factory=dict)
    mapped: Mapping[str, Cells] = field(default_factory=dict)
    grain: str = "month"
    target_unit_cost: Decimal | None = None


@dataclass(frozen=True)
class Subscription:
    """A contract of a customer: one fee of an amount for each interval, from one day to another.

    Nothing is charged before `trial_end`. A coupon takes a ratio or an amount off the first period
    only, and a discount its ratio off all of them.
    """

    customer: str
    amount: Decimal
    start: date
    end: date
    interval: str = "month"
    trial_end: date | None = None
    coupon: Cells = field(default_factory=dict)
    discount_ratio: Decimal | None = None


@dataclass(frozen=True)
class Recurring:
    """Customers and what they subscribe to, in a currency of their own or in US dollars.

    `customers` are in the order of their ids, and have a tier of their own. `usd_per_unit` is what
    their currency is worth by month. What a figure of the whole company is read from is `alone` in
    its twelve months.
    """

    subscriptions: tuple[Subscription, ...]
    end: date
    in_dollars: bool = False
    is_internal: bool = False
    is_alone: bool = False
    usd_per_unit: Mapping[date, Decimal] = field(default_factory=dict)

    @property
    def customers(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one.customer for one in self.subscriptions))


@dataclass(frozen=True)
class Part:
    """Which part of a scene's cost is summed up: all of it, but for what is named.

    `through` is a rule that the cost came by, and `method` what it is to whom it went.
    """

    tenant: str = ""
    method: Literal["", "direct", "shared", "idle"] = ""
    services: tuple[str, ...] = ()
    cluster: str = ""
    through: str = ""
    basis: Literal["billed", "effective"] = "effective"


@dataclass(frozen=True)
class Figure:
    """An expected number and the column that it is compared with; a step names its tier.

    What is found is moved by `exponent` decimal places, divided in `count` equal parts and rounded
    to `decimals`, where the source shows no more of them. `place` is that of the line, from 1;
    `grants` are those whose balance at `until` is meant. Of recurring revenue it is that of a
    `month`, and where it matters of a `customer` or of a `kind` of movement.
    """

    name: str
    column: Column
    amount: Decimal | None
    tier: int | None = None
    decimals: int | None = None
    place: int = 1
    grants: tuple[str, ...] = ()
    until: datetime | None = None
    part: Part = Part()
    exponent: int = 0
    count: int = 1
    month: date | None = None
    kind: str = ""
    customer: str = ""


@dataclass(frozen=True)
class Scene:
    """A translated case. `month` is the period that the figures are of, or its last part.

    `credits` are asked for, before tax, one after the other, once its invoice is issued. Where the
    catalogue is to refuse it, `refusal` has what may stand in the rule that it breaks.
    """

    month: date
    lines: tuple[Line, ...]
    figures: tuple[Figure, ...]
    contract: Contract = Contract()
    remark: str = ""
    own_currency: Currency | None = None
    credits: tuple[Decimal, ...] = ()
    cost: Cost | None = None
    refusal: tuple[str, ...] = ()
    recurring: Recurring | None = None

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
