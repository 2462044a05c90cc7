"""Families of rates over recurring revenue: churn, retention, growth, and cohorts."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from itertools import pairwise

from tests.conformance import inputs
from tests.conformance.cases import Case
from tests.conformance.recurring import AFTER, END, START, later, scene, subscribed
from tests.conformance.recurring_figures import at, expected, figure
from tests.conformance.scene import OutOfScopeError, Scene, Subscription

YEAR_LATER = later(START, 12)
SPARE = Decimal(100)
"""What customers have besides who bring and lose nothing, where a case does not say how much."""


def _moves(
    case: Case, moved: date = END, spare: Decimal = SPARE, churned: str = "churn"
) -> list[Subscription]:
    """Customers of whom one leaves, one has less, one has more, one is new and one comes back.

    What a case starts with is shared by them; `spare` is what stays where it names no start.
    """
    names = ("new", "expansion", "reactivation", "contraction", churned)
    found = {name: inputs.number(case.inputs.get(name) or 0, name) for name in names}
    start = inputs.optional(case.inputs.get("start"), "start")
    lost = found[churned] + found["contraction"]
    stays = spare if start is None else start - lost
    changes = any(found[name] for name in ("contraction", "expansion"))
    if any(amount < 0 for amount in found.values()) or stays < 0 or (changes and not stays):
        raise OutOfScopeError("who has less or more is there before and after")
    half, until = stays / 2, later(moved, 1)
    return [
        *subscribed("leaves", found[churned], end=moved),
        *subscribed("has less", half + found["contraction"], end=moved),
        *subscribed("has less", half, moved, until),
        *subscribed("has more", half, end=moved),
        *subscribed("has more", half + found["expansion"], moved, until),
        *subscribed("is new", found["new"], moved, until),
        *subscribed("comes back", found["reactivation"], later(START, -2), later(START, -1)),
        *subscribed("comes back", found["reactivation"], moved, until),
    ]


def _rate(case: Case) -> Scene:
    """A figure of the month in which customers move."""
    found = {
        "gross_mrr_churn_rate": {"rate": at("gross churn", END)},
        "net_mrr_churn_rate": {"rate": at("net churn", END)},
        "quick_ratio": {"quick_ratio": at("quick ratio", END)},
        "mrr_rollforward": {
            "end": at("mrr at the end", END),
            "net_new": at("mrr net new", END),
        },
    }
    return scene(_moves(case), expected(case, found[case.family]))


def _daily(case: Case) -> Scene:
    """A day's rate, with a month in the place of the day."""
    start, end, new = (
        inputs.number(case.inputs.get(name), name) for name in ("day_start", "day_end", "new")
    )
    customers = [
        *subscribed("stays", start, end=END),
        *subscribed("stays", end - new, END),
        *subscribed("is new", new, END),
    ]
    figures = expected(case, {"rate": at("net churn", END)})
    remark = "recurring revenue moves by the month: the day of the source stands as a month"
    return scene(customers, figures, remark=remark)


def _retention(case: Case) -> Scene:
    """What the customers of a month still bring a year later."""
    churned = "churned" if "churned" in case.inputs else "churn"
    found = {"nrr": at("net retention", YEAR_LATER), "grr": at("gross retention", YEAR_LATER)}
    customers = _moves(case, YEAR_LATER, churned=churned)
    return scene(customers, expected(case, found), end=later(YEAR_LATER, 1))


def _by_customer(case: Case) -> Scene:
    found = case.inputs.get("customers")
    if not isinstance(found, dict):
        raise OutOfScopeError("customers is not an object")
    customers: list[Subscription] = []
    for name, row in found.items():
        start, end = (inputs.number(row.get(key), name) for key in ("start", "end"))
        customers += subscribed(name, start, end=YEAR_LATER)
        customers += subscribed(name, end, YEAR_LATER, later(YEAR_LATER, 1))
    places = {"nrr": at("net retention", YEAR_LATER), "grr": at("gross retention", YEAR_LATER)}
    return scene(customers, expected(case, places), end=later(YEAR_LATER, 1))


def _logo(case: Case) -> Scene:
    count = inputs.whole(case.inputs.get("start_customers"), "start_customers")
    gone = inputs.whole(case.inputs.get("cancelled"), "cancelled")
    customers = [
        one
        for place in range(count)
        for one in subscribed(str(place), Decimal(1), end=END if place < gone else AFTER)
    ]
    return scene(customers, expected(case, {"rate": at("logo churn", END)}))


def _cohort(case: Case) -> Scene:
    """Customers who come in one month, of whom so many are there in each that follows."""
    try:
        first = date.fromisoformat(f"{case.inputs.get('cohort')}-01")
    except ValueError:
        raise OutOfScopeError("cohort is not a month") from None
    size = inputs.whole(case.inputs.get("size"), "size")
    active = [inputs.whole(n, "active") for n in inputs.items(case.inputs, "active_by_month")]
    retained = case.expected.get("retention")
    if set(case.expected) != {"retention"} or not isinstance(retained, list):
        raise OutOfScopeError("a cohort is compared by its retention")
    if active[:1] != [size] or len(retained) != len(active):
        raise OutOfScopeError("a cohort begins with all of its customers")
    customers = [
        one
        for place in range(size)
        for start, end in _runs([place < count for count in active])
        for one in subscribed(str(place), Decimal(1), later(first, start), later(first, end))
    ]
    figures = [
        figure(f"month {number}", value, at("cohort retention", later(first, number)))
        for number, value in enumerate(retained)
    ]
    return scene(customers, figures, end=later(first, len(active)))


def _runs(there: list[bool]) -> list[tuple[int, int]]:
    """From which month up to which one is there, without a break."""
    edges = [n for n, (was, now) in enumerate(pairwise([False, *there, False])) if was != now]
    return list(zip(edges[::2], edges[1::2], strict=True))


def _annualised(case: Case) -> Scene:
    raise OutOfScopeError(
        "retention of a year is measured over its twelve months, and not raised from one of them"
    )


TRANSLATORS: Mapping[str, Callable[[Case], Scene]] = {
    "gross_mrr_churn_rate": _rate,
    "net_mrr_churn_rate": _rate,
    "net_mrr_churn_rate_daily(Shopify)": _daily,
    "quick_ratio": _rate,
    "mrr_rollforward": _rate,
    "nrr_grr": _retention,
    "nrr": _retention,
    "grr_customer_grain": _by_customer,
    "nrr_annualised": _annualised,
    "logo_churn": _logo,
    "cohort_retention": _cohort,
}
