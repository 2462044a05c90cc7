"""Families of commitments at a provider: what is bought, what is used of it, and what is not.

A statement says what a commitment covers, so its rows are made here of what a case says of them.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from tests.conformance import inputs
from tests.conformance.cases import Case
from tests.conformance.cost_figures import conserved, figures
from tests.conformance.costs import HOUR, SHARED, month_of, numbers, use
from tests.conformance.expectations import at_most
from tests.conformance.months import ANY_MONTH, DAY, next_month
from tests.conformance.scene import (
    Cells,
    Charge,
    Cost,
    Figure,
    OutOfScopeError,
    Part,
    Scene,
    Share,
)

NOTHING = Decimal(0)
OWNER, UNUSED = "owner", "unused"
BY_USE: Mapping[str, tuple[Share, ...]] = {UNUSED: (Share("direct_cost"),)}
"""A rule that unused commitment does not follow, unless its status is asked for by name."""
STATED = "what is used of the commitment is stated in rows of the statement, as providers do"


def _used(amount: Decimal, tenant: str, start: datetime = ANY_MONTH, **columns: str) -> Charge:
    """Usage of an hour that a commitment covers: it has been billed with it."""
    columns = {"CommitmentDiscountStatus": "Used", "PricingCategory": "Committed", **columns}
    return Charge("committed", NOTHING, amount, start, start + HOUR, tenant, columns=columns)


def _unused(amount: Decimal) -> Charge:
    columns = {"CommitmentDiscountStatus": "Unused", "PricingCategory": "Committed"}
    return Charge(UNUSED, NOTHING, amount, ANY_MONTH, ANY_MONTH + HOUR, columns=columns)


def _bought(service: str, amount: Decimal, start: datetime, end: datetime, often: str) -> Charge:
    columns = {"ChargeCategory": "Purchase", "ChargeFrequency": often}
    return Charge(service, amount, NOTHING, start, end, OWNER, columns=columns)


def _amortization(case: Case) -> Scene:
    commit, usage = _hour(case, "hourly_commit"), _hour(case, "eligible_usage")
    charges = [_used(min(usage, commit), OWNER)]
    if usage < commit:
        charges.append(_unused(commit - usage))
    parts = {
        "BilledCost_usage_rows": Part(basis="billed"),
        "EffectiveCost_used": Part(tenant=OWNER),
        "EffectiveCost_unused": Part(method="idle"),
    }
    return _stated(case, charges, parts)


def _overage(case: Case) -> Scene:
    """What is used beyond the commitment is a row of its own, billed as usual."""
    commit, usage = _hour(case, "hourly_commit"), _hour(case, "usage_cost")
    if usage < commit:
        raise OutOfScopeError("there is no usage beyond the commitment")
    more, columns = usage - commit, {"PricingCategory": "Standard"}
    standard = Charge("standard", more, more, ANY_MONTH, ANY_MONTH + HOUR, OWNER, columns=columns)
    return _stated(case, [_used(commit, OWNER), standard], _bases("committed", "standard"))


def _bases(*services: str) -> dict[str, Part]:
    billed = {f"{s} BilledCost": Part(services=(s,), basis="billed") for s in services}
    return billed | {f"{s} EffectiveCost": Part(services=(s,)) for s in services}


def _stated(case: Case, charges: Sequence[Charge], parts: Mapping[str, Part]) -> Scene:
    expected = _flat(case.expected)
    found = figures(case, (), Part(), parts=parts, expected=expected)
    cost = Cost((OWNER,), tuple(charges), BY_USE, {UNUSED: UNUSED})
    return Scene(ANY_MONTH.date(), (), found, remark=STATED, cost=cost)


def _flat(expected: Mapping[str, Any]) -> dict[str, Any]:
    """Objects of numbers as numbers, each by both of its names."""
    flat: dict[str, Any] = {}
    for name, value in expected.items():
        if isinstance(value, dict):
            flat |= {f"{name} {key}": inner for key, inner in value.items()}
        else:
            flat[name] = value
    return flat


def _hour(case: Case, name: str) -> Decimal:
    return inputs.number(case.inputs.get(name), name)


def _purchase(case: Case) -> Scene:
    """A commitment of whole months, paid in part at its start and in part every month."""
    hours = inputs.whole(case.inputs.get("term_hours"), "term_hours")
    commit, upfront = _hour(case, "hourly_commit"), _hour(case, "upfront_share")
    months = _months(hours)
    start, end = months[0], next_month(months[-1])
    recurring = [
        _bought("recurring", share * commit * (1 - upfront), month, next_month(month), "Recurring")
        for month in months
        for share in [Decimal((next_month(month) - month) // HOUR)]
    ]
    once = _bought("once", hours * commit * upfront, start, end, "One-Time")
    billed = Part(services=("recurring",), basis="billed")
    columns = {
        "one_time_BilledCost": (Part(services=("once",), basis="billed"), 1),
        "recurring_BilledCost_per_hour": (billed, hours),
        "recurring_per_month_avg": (billed, len(months)),
        "EffectiveCost_purchase_rows": (Part(), 1),
        "term_total": (Part(basis="billed"), 1),
    }
    strangers = set(case.expected) - set(columns)
    if strangers or not case.expected:
        raise OutOfScopeError(f"no comparison for expected {', '.join(sorted(strangers))}")
    found = [
        Figure(name, "cost", inputs.number(value, name), part=part, count=count, decimals=6)
        for name, value in case.expected.items()
        for part, count in [columns[name]]
    ]
    cost = Cost((OWNER,), (once, *recurring))
    return Scene(start.date(), (), (*found, conserved()), remark=STATED, cost=cost)


def _months(hours: int) -> list[datetime]:
    """Whole months from a January on that have so many hours in all."""
    for year in range(ANY_MONTH.year - 3, ANY_MONTH.year + 1):
        months = [ANY_MONTH.replace(year=year, month=1)]
        while next_month(months[-1]) - months[0] < hours * HOUR and len(months) < 60:
            months.append(next_month(months[-1]))
        if next_month(months[-1]) - months[0] == hours * HOUR:
            return months
    raise OutOfScopeError(f"no whole months from a January on have {hours} hours")


def _basis(case: Case) -> Scene:
    """A purchase, and the days of it that are used in its month, by those who used them."""
    purchase = case.inputs.get("purchase")
    if not isinstance(purchase, dict):
        raise OutOfScopeError("purchase is not an object")
    month = month_of(case.inputs.get("month"), "month")
    start = inputs.instant(purchase.get("date"), month)
    billed = inputs.number(purchase.get("BilledCost"), "BilledCost")
    days = inputs.whole(purchase.get("term_days"), "term_days")
    if not month <= start < next_month(month) or days < 1:
        raise OutOfScopeError("a purchase of another month is no cost of the month")
    used = numbers(case.inputs.get("usage"), "usage")
    bought = {"ChargeCategory": "Purchase", "ChargeFrequency": "One-Time"}
    covered = {"CommitmentDiscountStatus": "Used", "PricingCategory": "Committed"}
    daily = at_most(12, billed / days)
    charges = [Charge(SHARED, billed, NOTHING, start, start + days * DAY, columns=bought)]
    while start < next_month(month) and len(charges) <= days:
        charges.append(Charge(SHARED, NOTHING, daily, start, start + DAY, columns=covered))
        start += DAY
    bases = {"billed_basis": Part(basis="billed"), "effective_basis": Part()}
    return Scene(
        month.date(),
        (use(used, month + DAY),),
        figures(
            case,
            tuple(used),
            Part(),
            parts={**bases, **{f"{name}_total": part for name, part in bases.items()}},
        ),
        remark="each day of its term has its part of a purchase, as providers state it",
        cost=Cost(
            tuple(used), tuple(charges), {SHARED: (Share("meter", meter=1),)}, {SHARED: SHARED}
        ),
    )


def _owner(case: Case) -> Scene:
    """Unused commitment is nobody's, unless a rule spreads it by what is used."""
    used = numbers(case.inputs.get("used"), "used")
    policy = str(case.inputs.get("policy") or "central")
    is_spread = "spread" in policy or "covered" in policy
    if not is_spread and "central" not in policy:
        raise OutOfScopeError(f"unused commitment is nobody's or spread, not {policy}")
    charges = [_used(amount, tenant) for tenant, amount in used.items()]
    charges.append(_unused(_hour(case, "unused")))
    asked: Mapping[str, Cells] = {UNUSED: {"commitment_status": "Unused"}} if is_spread else {}
    cost = Cost(tuple(used), tuple(charges), BY_USE, {UNUSED: UNUSED}, asked)
    found = figures(case, cost.tenants, Part())
    return Scene(ANY_MONTH.date(), (), found, cost=cost)


TRANSLATORS: Mapping[str, Callable[[Case], Scene]] = {
    "basis_choice": _basis,
    "commitment_amortization": _amortization,
    "commitment_amortization_overage": _overage,
    "commitment_purchase": _purchase,
    "unused_commitment_owner": _owner,
}
