"""Families of shared cost: by even, fixed and measured shares, in stages, and against the grain.

Where a case is about parts at the cent, its cost lands so much smaller that a cent is the last of
the twelve decimals at which the models split, and what is found is enlarged again.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from re import fullmatch
from typing import Any

from tests.conformance import inputs
from tests.conformance.cases import Case
from tests.conformance.cost_figures import conserved, figures, scale_of, scale_remark, scaled
from tests.conformance.months import ANY_MONTH, DAY, next_month
from tests.conformance.scene import (
    Charge,
    Column,
    Cost,
    Event,
    Figure,
    Line,
    Meter,
    OutOfScopeError,
    Part,
    Scene,
    Share,
)

HOUR = DAY / 24
SHARED = "shared"
EXCEEDED = ("exceed 1", "from 0 to 1")
"""Rules of the catalogue that a rule breaks whose parts are more than the whole."""


def charge(service: str, amount: Decimal, month: datetime = ANY_MONTH, **fields: Any) -> Charge:
    """A charge of a month that costs what is billed."""
    return Charge(service, amount, amount, month, next_month(month), **fields)


def numbers(fields: Any, name: str) -> dict[str, Decimal]:
    """An object of numbers."""
    if not isinstance(fields, dict) or not fields:
        raise OutOfScopeError(f"{name} is not an object of numbers")
    return {str(key): inputs.number(value, f"{name} of {key}") for key, value in fields.items()}


def use(
    weights: Mapping[str, Decimal], at: datetime = ANY_MONTH + DAY, window: str = "month"
) -> Line:
    """A meter of what each tenant used at a time; who used nothing has no event."""
    events = tuple(
        Event(f"{tenant}-{at:%Y%m}", at, inputs.quantity(weight, "a weight"), tenant=tenant)
        for tenant, weight in weights.items()
        if weight
    )
    return Line(Meter("sum", reading_window=window), events)


def each(weights: Mapping[str, Decimal]) -> tuple[Share, ...]:
    """A share for each tenant, of the ratio that is its weight."""
    return tuple(
        Share("even", ratio=weight, tenants=(tenant,)) for tenant, weight in weights.items()
    )


def _split(
    case: Case,
    tenants: Sequence[str],
    shares: tuple[Share, ...],
    lines: Sequence[Line] = (),
    charges: Sequence[Charge] = (),
) -> Scene:
    """The scene of one cost that is shared, with what its shares are measured by."""
    cost = inputs.number(case.inputs.get("cost"), "cost")
    scale = scale_of(case, cost)
    shared = charge(SHARED, scaled(cost, scale))
    return Scene(
        ANY_MONTH.date(),
        tuple(lines),
        figures(case, tenants, Part(method="shared"), scale),
        remark=scale_remark(scale),
        cost=Cost(tuple(tenants), (shared, *charges), {SHARED: shares}, {SHARED: SHARED}),
    )


def _even(case: Case) -> Scene:
    targets = case.inputs.get("targets")
    if not isinstance(targets, list) or not targets:
        raise OutOfScopeError("targets is not a list")
    tenants = tuple(str(target) for target in targets)
    return _split(case, tenants, (Share("even", tenants=tenants),))


def _fixed(case: Case) -> Scene:
    shares = {name: pct.scaleb(-2) for name, pct in numbers(case.inputs.get("pct"), "pct").items()}
    if set(case.expected) != {"error"}:
        return _split(case, tuple(shares), each(shares))
    figure = Figure("error", "refusal", Decimal(1))
    shared = charge(SHARED, inputs.number(case.inputs.get("cost"), "cost"))
    cost = Cost(tuple(shares), (shared,), {SHARED: each(shares)}, {SHARED: SHARED})
    return Scene(ANY_MONTH.date(), (), (figure,), cost=cost, refusal=EXCEEDED)


def _proportional(case: Case) -> Scene:
    direct = numbers(case.inputs.get("direct"), "direct")
    charges = [charge("direct", amount, tenant=tenant) for tenant, amount in direct.items()]
    return _split(case, tuple(direct), (Share("direct_cost"),), charges=charges)


def _by_use(case: Case) -> Scene:
    weights = numbers(inputs.first(case.inputs, "weights", "usage"), "weights")
    if str(case.inputs.get("tie_break") or "input_order") != "input_order":
        raise OutOfScopeError("what is left goes to the first of equal tenants, by their ids")
    return _split(case, tuple(weights), (Share("meter", meter=1),), [use(weights)])


def _composite(case: Case) -> Scene:
    lines, shares = [], []
    tenants: dict[str, None] = {}
    for place, element in enumerate(inputs.items(case.inputs, "elements"), start=1):
        if not isinstance(element, dict):
            raise OutOfScopeError("an element is not an object")
        usage = numbers(element.get("usage"), "usage")
        tenants |= dict.fromkeys(usage)
        lines.append(use(usage))
        ratio = inputs.number(element.get("AllocatedRatio"), "AllocatedRatio")
        shares.append(Share("meter", ratio, meter=place))
    return _split(case, tuple(tenants), tuple(shares), lines)


def _credit(case: Case) -> Scene:
    gross = numbers(case.inputs.get("gross"), "gross")
    amount = inputs.number(case.inputs.get("credit"), "credit")
    direct = [charge("direct", cost, tenant=tenant) for tenant, cost in gross.items()]
    credit = charge(SHARED, amount, columns={"ChargeCategory": "Credit"})
    cost = Cost(
        tuple(gross), (*direct, credit), {SHARED: (Share("direct_cost"),)}, {SHARED: SHARED}
    )
    found = figures(case, cost.tenants, Part(method="shared"), parts={"net": Part()})
    return Scene(ANY_MONTH.date(), (), found, cost=cost)


def _refund(case: Case) -> Scene:
    """A refund of the month after, which follows what drove the cost that it refunds."""
    original = case.inputs.get("original")
    if not isinstance(original, dict):
        raise OutOfScopeError("original is not an object")
    weights = numbers(original.get("alloc"), "alloc")
    paid = inputs.number(original.get("cost"), "cost")
    repaid = inputs.number(case.inputs.get("refund"), "refund")
    scale = scale_of(case, paid, repaid)
    refund = charge("refund", scaled(repaid, scale), columns=_correcting(next_month(ANY_MONTH)))
    cost = Cost(
        tuple(weights),
        (charge(SHARED, scaled(paid, scale)), refund),
        {SHARED: (Share("meter", meter=1),)},
        {SHARED: SHARED, "refund": SHARED},
    )
    found = figures(case, cost.tenants, Part(services=("refund",)), scale)
    line = use(weights)
    return Scene(ANY_MONTH.date(), (line,), found, remark=scale_remark(scale), cost=cost)


def _correcting(billed: datetime) -> Mapping[str, str]:
    """Columns of a charge that is billed in another month, and corrects an invoice of before."""
    return {"ChargeClass": "Correction", "BillingPeriodStart": f"{billed:%Y-%m-%dT00:00:00Z}"}


def _correction(case: Case) -> Scene:
    """Drivers stand under the first letters of their month, as in jan_drivers."""
    amount = inputs.number(case.inputs.get("amount"), "amount")
    scale = scale_of(case, amount)
    charged, billed = (
        month_of(case.inputs.get(name), name) for name in ("charge_period", "billing_period")
    )
    drivers = {
        month: numbers(case.inputs.get(f"{month:%b}_drivers".lower()), f"drivers of {month:%b}")
        for month in (charged, billed)
    }
    tenants = tuple(dict.fromkeys(tenant for used in drivers.values() for tenant in used))
    events = [event for month, used in drivers.items() for event in use(used, month + DAY).events]
    shared = charge(SHARED, scaled(amount, scale), charged, columns=_correcting(billed))
    columns: Mapping[str, Column] = {"posted_in": "cost month", "driver_period": "driver month"}
    months = tuple(
        Figure(name, column, Decimal(f"{month_of(case.expected[name], name):%Y%m}"))
        for name, column in columns.items()
        if name in case.expected
    )
    expected = {name: value for name, value in case.expected.items() if name not in columns}
    return Scene(
        billed.date(),
        (Line(Meter("sum"), tuple(events)),),
        (*months, *figures(case, tenants, Part(), scale, expected=expected)),
        remark=scale_remark(scale),
        cost=Cost(tenants, (shared,), {SHARED: (Share("meter", meter=1),)}, {SHARED: SHARED}),
    )


def month_of(text: Any, name: str) -> datetime:
    if not fullmatch(r"\d{4}-\d\d", str(text or "")):
        raise OutOfScopeError(f"{name} is not a month: {text!r}")
    return inputs.instant(f"{text}-01", datetime.min.replace(tzinfo=UTC))


def _idle(case: Case) -> Scene:
    """The asset's cost is its capacity; its one idle line is below zero where more is used."""
    capacity = inputs.number(case.inputs.get("asset_cost"), "asset_cost")
    used = inputs.number(case.inputs.get("allocated"), "allocated")
    columns: Mapping[str, Column] = {
        "opencost_idle": "cost above zero",
        "variance_line": "cost below zero",
    }
    if not case.expected or set(case.expected) - set(columns):
        raise OutOfScopeError("the family has an idle cost and a variance")
    found = [
        Figure(name, columns[name], inputs.number(value, name), part=Part(method="idle"))
        for name, value in case.expected.items()
    ]
    share = Share("meter", meter=1, capacity=capacity)
    return Scene(
        ANY_MONTH.date(),
        (use({"used": used}),),
        (*found, conserved()),
        remark="idle is one line: what it is below zero, where OpenCost clamps it, is the variance",
        cost=Cost(("used",), (charge(SHARED, capacity),), {SHARED: (share,)}, {SHARED: SHARED}),
    )


def _idle_per_resource(case: Case) -> Scene:
    """Idle cost of each resource by weights; what has none stays as a row, and is unallocated."""
    idle = numbers(case.inputs.get("idle"), "idle")
    weights = case.inputs.get("weights")
    nested = isinstance(weights, dict) and any(isinstance(w, dict) for w in weights.values())
    used = {
        resource: numbers(weights.get(resource) if weights and nested else weights, "weights")
        for resource in idle
    }
    tenants = tuple(dict.fromkeys(tenant for found in used.values() for tenant in found))
    scale = scale_of(case, *idle.values())
    found = figures(case, tenants, Part(method="shared"), scale, idle="cost nobody bears")
    return Scene(
        ANY_MONTH.date(),
        tuple(use(of_resource) for of_resource in used.values()),
        found,
        remark=f"idle that nothing drives is listed as unallocated; {scale_remark(scale)}",
        cost=Cost(
            tenants,
            tuple(charge(resource, scaled(cost, scale)) for resource, cost in idle.items()),
            {name: (Share("meter", meter=place),) for place, name in enumerate(idle, start=1)},
            {resource: resource for resource in idle},
        ),
    )


def _stages(case: Case) -> Scene:
    """Departments that hand their cost on, to each other and to tenants, in stages."""
    departments = [name for name in case.inputs if f"{name}_to" in case.inputs]
    if not departments or len(case.inputs) != 2 * len(departments):
        raise OutOfScopeError("a department has its cost, and the ratios of whom it goes to")
    costs = {name: inputs.number(case.inputs[name], name) for name in departments}
    scale = scale_of(case, *costs.values())
    ratios = {name: numbers(case.inputs[f"{name}_to"], f"{name}_to") for name in departments}
    tenants = tuple(
        dict.fromkeys(to for found in ratios.values() for to in found if to not in departments)
    )
    rules = {
        name: tuple(
            Share("rule", ratio, rule=to)
            if to in departments
            else Share("even", ratio, tenants=(to,))
            for to, ratio in found.items()
        )
        for name, found in ratios.items()
    }
    through = {
        f"{name}_{when}": Part(through=name)
        for name in departments
        for when in ("full", *(f"after_{other}" for other in departments))
    }
    return Scene(
        ANY_MONTH.date(),
        (),
        figures(case, tenants, Part(), scale, parts=through),
        remark=scale_remark(scale),
        cost=Cost(
            tenants,
            tuple(charge(name, scaled(cost, scale)) for name, cost in costs.items()),
            rules,
            {name: name for name in departments},
        ),
    )


def _hourly(case: Case) -> Scene:
    """The cost of an hour by what ran in it."""
    used = numbers(case.inputs.get("query_ms"), "query_ms")
    amount = inputs.number(
        case.inputs.get("warehouse_credits_hour"), "warehouse_credits_hour"
    ) * inputs.number(case.inputs.get("rate"), "rate")
    scale = scale_of(case)
    hour = ANY_MONTH + DAY
    cost = scaled(amount, scale)
    return Scene(
        ANY_MONTH.date(),
        (use(used, hour + HOUR / 2, "1h"),),
        figures(case, tuple(used), Part(), scale),
        remark=scale_remark(scale),
        cost=Cost(
            tuple(used),
            (Charge(SHARED, cost, cost, hour, hour + HOUR),),
            {SHARED: (Share("meter", meter=1),)},
            {SHARED: SHARED},
            grain="hour",
        ),
    )


def _precision(case: Case) -> Scene:
    """Costs below the cent are pooled and shared as they are, and rounded where they are read."""
    scale = inputs.whole(case.inputs.get("scale"), "scale")
    costs = [inputs.number(cost, "a cost") for cost in inputs.items(case.inputs, "row_costs")]
    columns: Mapping[str, tuple[Column, int]] = {
        "sum_then_round": ("cost", 0),
        "round_then_sum": ("cost rows rounded", -scale),
    }
    if not case.expected or set(case.expected) - set(columns):
        raise OutOfScopeError("the family has what comes of rounding before and after the sum")
    found = [
        Figure(
            name,
            columns[name][0],
            inputs.number(value, name),
            decimals=scale,
            exponent=columns[name][1],
        )
        for name, value in case.expected.items()
    ]
    charges = tuple(charge(SHARED, cost) for cost in costs)
    share = Share("even", tenants=("all",))
    cost = Cost(("all",), charges, {SHARED: (share,)}, {SHARED: SHARED})
    return Scene(ANY_MONTH.date(), (), (*found, conserved()), cost=cost)


def _any(case: Case) -> Scene:
    """The sum of all parts is the statement: direct, shared, idle and what nobody bears."""
    if set(case.expected) != {"invariant"}:
        raise OutOfScopeError("the family is an invariant of any pool")
    charges = (
        charge("direct", Decimal("10.00"), tenant="a"),
        charge("direct", Decimal("-0.01"), tenant="b"),
        charge("even", Decimal("100.00")),
        charge("even", Decimal("-0.000000000001")),
        charge("fixed", Decimal("99.99")),
        charge("weighted", Decimal("0.07")),
        charge("of capacity", Decimal("1000000.01")),
        charge("nothing drives it", Decimal("5.00")),
        charge("unmapped", Decimal("7.00")),
        charge("unused", Decimal("3.33"), columns={"CommitmentDiscountStatus": "Unused"}),
    )
    tenants = ("a", "b", "c")
    rules = {
        "even": (Share("even", tenants=tenants),),
        "fixed": each({"a": Decimal("0.333333333"), "b": Decimal("0.5")}),
        "weighted": (Share("direct_cost"),),
        "of capacity": (Share("meter", meter=1, capacity=Decimal(7)),),
        "nothing drives it": (Share("meter", meter=2),),
        "unused": (Share("direct_cost"),),
    }
    cost = Cost(tenants, charges, rules, {rule: rule for rule in rules})
    lines = (use({"a": Decimal(1), "c": Decimal(2)}), use({"a": Decimal(0)}))
    return Scene(ANY_MONTH.date(), lines, (conserved("invariant"),), cost=cost)


TRANSLATORS: Mapping[str, Callable[[Case], Scene]] = {
    "all": _any,
    "composite_driver": _composite,
    "correction_prior_period": _correction,
    "credit_by_gross_share": _credit,
    "even": _even,
    "fixed": _fixed,
    "idle": _idle,
    "idle_per_resource": _idle_per_resource,
    "precision": _precision,
    "proportional": _proportional,
    "proportional+largest_remainder": _by_use,
    "proportional_nonneg_weights": _by_use,
    "reciprocal": _stages,
    "refund_full": _refund,
    "step_down": _stages,
    "time_weighted_hourly": _hourly,
    "usage_weighted": _by_use,
}
