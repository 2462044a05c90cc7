"""Families of recurring revenue: what counts, and how it moves from month to month.

Customers of a case have contracts, in a currency of their own; what recurs in a month is what is
contracted at its end.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from re import search, split
from typing import Any

from tests.conformance import inputs
from tests.conformance.cases import Case
from tests.conformance.recurring_figures import at, expected, figure
from tests.conformance.scene import Figure, OutOfScopeError, Recurring, Scene, Subscription

START = date(2025, 2, 1)
"""A month after the rows of the catalogue are recorded; what a case begins with is there in it."""

MOST_CUSTOMERS = 2000
INTERVALS = {"month": "month", "monthly": "month", "year": "year", "yearly": "year"}
INTERVALS |= {"annual": "year", "quarter": "quarter", "quarterly": "quarter", "week": "week"}
MOVEMENTS = {
    "new": "new",
    "new_business": "new",
    "reactivation": "reactivation",
    "expansion": "expansion",
    "upgrade": "expansion",
    "contraction": "contraction",
    "downgrade": "contraction",
    "churn": "churn",
    "cancellation": "churn",
}
"""What a movement is called elsewhere -> here."""


def later(month: date, count: int) -> date:
    """The first of a month, so many months later."""
    months = month.year * 12 + month.month - 1 + count
    return date(months // 12, months % 12 + 1, 1)


END = later(START, 1)
"""The month in which what a case tells has happened."""

AFTER = later(END, 1)


def subscribed(
    customer: str, amount: Decimal, start: date = START, end: date = AFTER, **fields: Any
) -> tuple[Subscription, ...]:
    """A subscription, or none for nothing."""
    return (Subscription(customer, amount, start, end, **fields),) if amount else ()


def scene(
    subscriptions: Sequence[Subscription],
    figures: Sequence[Figure],
    *,
    end: date = AFTER,
    remark: str = "",
    **fields: Any,
) -> Scene:
    """The scene of some customers, seen up to a day."""
    if not subscriptions:
        raise OutOfScopeError("nobody subscribes to anything")
    if any(one.amount < 0 for one in subscriptions):
        raise OutOfScopeError("a fee is not below zero")
    found = Recurring(tuple(subscriptions), end, **fields)
    if len(found.customers) > MOST_CUSTOMERS:
        raise OutOfScopeError(f"a case has at most {MOST_CUSTOMERS} customers")
    return Scene(later(end, -1), (), tuple(figures), remark=remark, recurring=found)


def interval_of(written: Any) -> str:
    name = INTERVALS.get(str(written).strip().lower())
    if name is None:
        raise OutOfScopeError(f"nothing is sold by the {written}")
    return name


def _month(text: Any) -> date:
    try:
        return date.fromisoformat(f"{str(text)[:7]}-01")
    except ValueError:
        raise OutOfScopeError(f"not a month: {text!r}") from None


def _day(text: Any) -> date:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        raise OutOfScopeError(f"not a day: {text!r}") from None


def _kind(written: Any) -> str:
    if str(written) not in MOVEMENTS:
        raise OutOfScopeError(f"there is no movement {written!r}")
    return MOVEMENTS[str(written)]


def _movement(case: Case) -> Scene:
    return _periods(case) if "periods" in case.inputs else _event(case)


def _periods(case: Case) -> Scene:
    """A contract for each period, and a figure for each movement and for how many there are."""
    subscriptions: list[Subscription] = []
    for row in inputs.items(case.inputs, "periods"):
        if not isinstance(row, list) or len(row) != 3:
            raise OutOfScopeError("a period is not a list of a start, an end and an amount")
        start, end = _day(row[0]), _day(row[1])
        subscriptions += subscribed("a", inputs.number(row[2], "an amount"), start, end)
    moved = case.expected.get("movements")
    if set(case.expected) != {"movements"} or not isinstance(moved, list):
        raise OutOfScopeError("movements are what is expected of periods")
    figures = [Figure("movements", "mrr movements", Decimal(len(moved)))]
    for month, kind, amount in moved:
        bare = at("mrr movement", _month(month), kind=_kind(kind))
        figures.append(figure(f"{month} {kind}", amount, bare))
    last = max((one.end for one in subscriptions), default=START)
    return scene(subscriptions, figures, end=later(last.replace(day=1), 1))


def _event(case: Case) -> Scene:
    """What one customer does, as the source tells it in words."""
    told = str(case.inputs.get("event") or "")
    if "type" not in case.expected or set(case.expected) - {"type", "mrr", "effective"}:
        raise OutOfScopeError("a type and an amount are what is expected of an event")
    before: Sequence[Subscription] = ()
    bought = [one for part in split(r"\bto\b", told) for one in _bought(case, part)]
    remark = ""
    if search("cancels last", told):
        if str(case.expected.get("effective")) != "end of paid period":
            raise OutOfScopeError("a customer has left when the paid period is over")
        bought = [*subscribed("a", -inputs.number(case.expected.get("mrr"), "mrr"), end=END)]
        remark = "what ends is not in the input: its amount is the expected one, its kind is tested"
    elif search(r"\bfrom\b.*\bto\b", told) and len(bought) == 2:
        bought[0] = replace(bought[0], start=START, end=END)
    elif len(bought) != 1:
        raise OutOfScopeError(f"it is not understood what happens: {told}")
    elif search("returns|reactivates|resubscribes", told):
        before = subscribed("a", Decimal(100), later(START, -1), START)
    elif search("existing customer", told):
        before = subscribed("a", Decimal(100))
    kind = _kind(case.expected["type"])
    figures = [Figure("movements", "mrr movements", Decimal(1), month=END)]
    bare = at("mrr movement", END, kind=kind)
    if "mrr" in case.expected:
        figures.append(figure(f"mrr of {kind}", case.expected["mrr"], bare))
    else:
        figures.append(Figure(kind, "mrr movements", Decimal(1), month=END, kind=kind))
    return scene([*before, *bought], figures, remark=remark)


def _bought(case: Case, told: str) -> list[Subscription]:
    """So many of a plan by month or year, for what is billed or what they cost in the plans."""
    found = search(r"(\d+) x (\w+) (\w+)(?:, billed ([\d.]+))?", told)
    if found is None:
        return []
    interval = interval_of(found[3])
    prices = (case.inputs.get("plans") or {}).get(found[2]) or {}
    billed = found[4] or int(found[1]) * inputs.number(prices.get(interval), found[2])
    return [*subscribed("a", Decimal(billed), END, later(END, 12), interval=interval)]


def _history(case: Case) -> Scene:
    """What a customer has at the end of one month after the other; the last one moves."""
    amounts = [inputs.number(value, "an amount") for value in inputs.items(case.inputs, "history")]
    subscriptions = [
        one
        for place, amount in enumerate(amounts)
        for one in subscribed("a", amount, later(START, place), later(START, place + 1))
    ]
    last = later(START, len(amounts) - 1)
    kind = _kind(case.expected.get("correct"))
    former = amounts[-2] if len(amounts) > 1 else Decimal(0)
    figures = (
        Figure("movements of the last month", "mrr movements", Decimal(1), month=last),
        Figure(kind, "mrr movement", amounts[-1] - former, month=last, kind=kind),
    )
    return scene(
        subscriptions,
        figures,
        end=later(last, 1),
        remark=_other_policy(case, "package_gives"),
    )


def _other_policy(case: Case, *names: str) -> str:
    """What is said of fields that state what others find, and are not compared."""
    found = [name for name in names if name in case.expected]
    return f"{', '.join(found)}: of another definition, not compared" if found else ""


def _mrr(case: Case) -> Scene:
    subscriptions: list[Subscription] = []
    for plan in inputs.items(case.inputs, "plans"):
        price, interval = inputs.number(plan.get("price"), "price"), interval_of(plan.get("per"))
        for _ in range(inputs.whole(plan.get("n"), "n")):
            customer = str(len(subscriptions))
            subscriptions += subscribed(customer, price, end=later(START, 12), interval=interval)
    return scene(subscriptions, expected(case, {"mrr": at("mrr", START)}))


def _discount(case: Case) -> Scene:
    """A coupon for the first period takes nothing off what recurs; one for ever is a discount."""
    price = inputs.number(case.inputs.get("price"), "price")
    found = search(r"^([\d.]+)% (\w+)$", str(case.inputs.get("coupon")))
    if found is None or found[2] not in ("once", "forever"):
        raise OutOfScopeError("a coupon is so many per cent once or forever")
    ratio = Decimal(found[1]).scaleb(-2)
    once: dict[str, Any] = {"coupon": {"coupon_ratio": ratio}}
    off = once if found[2] == "once" else {"discount_ratio": ratio}
    other = "profitwell_mrr"
    figures = expected(case, {"stripe_mrr": at("mrr", START)}, (other,))
    return scene(subscribed("a", price, **off), figures, remark=_other_policy(case, other))


def _trial(case: Case) -> Scene:
    price = inputs.number(case.inputs.get("price"), "price")
    active = inputs.whole(case.inputs.get("active"), "active")
    trialing = inputs.whole(case.inputs.get("trialing"), "trialing")
    subscriptions = [one for place in range(active) for one in subscribed(f"a{place}", price)]
    for place in range(trialing):
        subscriptions += subscribed(f"t{place}", price, trial_end=END)
    return scene(subscriptions, expected(case, {"mrr": at("mrr", START)}))


def _committed(case: Case) -> Scene:
    price = inputs.number(case.inputs.get("price"), "price")
    off = inputs.number(case.inputs.get("discount_once"), "discount_once")
    subscriptions = [
        one
        for place in range(inputs.whole(case.inputs.get("subs"), "subs"))
        for one in subscribed(str(place), price, end=later(START, 12), coupon={"fixed_amount": off})
    ]
    figures = expected(case, {"committed_mrr": at("mrr committed", START)}, ("naive",))
    return scene(subscriptions, figures, remark=_other_policy(case, "naive"))


def _completeness(case: Case) -> Scene:
    """More customers than a page holds: each contract that is paid for is in what recurs."""
    found = search(r">\s*(\d+) paying", str(case.inputs.get("rows")))
    told = str(case.expected.get("invariant"))
    if found is None or told != "count(subscriptions in mrr) == count(paying subscriptions)":
        raise OutOfScopeError("it is not understood what is to be complete")
    count = int(found[1]) + 1
    subscriptions = [one for n in range(count) for one in subscribed(str(n), Decimal(1), end=END)]
    figures = [Figure("subscriptions in mrr", "mrr contracts", Decimal(count), month=START)]
    return scene(subscriptions, figures, end=END)


def _same_month(case: Case) -> Scene:
    """Who comes and leaves within a month is there at no month's end."""
    days, amounts = {}, {}
    for name in ("new", "churn"):
        found = search(r"^([\d.]+) on (\d+)\w*$", str(case.inputs.get(name)))
        if found is None:
            raise OutOfScopeError(f"{name} is not an amount on a day")
        amounts[name], days[name] = Decimal(found[1]), START.replace(day=int(found[2]))
    wanted = case.expected.get("profitwell")
    if not isinstance(wanted, dict) or amounts["new"] != amounts["churn"]:
        raise OutOfScopeError("what is new is what leaves")
    figures = [
        figure(name, value, at("mrr movement", START, kind=_kind(name)))
        for name, value in wanted.items()
    ]
    return scene(
        subscribed("a", amounts["new"], days["new"], days["churn"]),
        figures,
        remark=_other_policy(case, "stripe"),
    )


def _grain(case: Case) -> Scene:
    """Subscriptions of one customer, before and after: what moves is the customer."""
    subscriptions: list[Subscription] = []
    for name, row in case.inputs.items():
        before, after = (inputs.number(row.get(key), name) for key in ("before", "after"))
        subscriptions += subscribed("a", before, end=END)
        subscriptions += subscribed("a", after, END)
    wanted = case.expected.get("customer_grain")
    if not isinstance(wanted, dict):
        raise OutOfScopeError("movements are told by customer")
    figures = [Figure("movements", "mrr movements", Decimal(len(wanted)), month=END)]
    for name, value in wanted.items():
        figures.append(figure(name, value, at("mrr movement", END, kind=_kind(name))))
    return scene(subscriptions, figures, remark=_other_policy(case, "subscription_grain"))


def _exchange(case: Case) -> Scene:
    fields = case.inputs
    rates = {START: fields.get("rate_prev"), END: fields.get("rate_now")}
    amount = inputs.number(fields.get("mrr_eur"), "mrr_eur")
    column: Any = "mrr movement in dollars"
    found: Mapping[str, Figure] = {
        "fx_movement_usd": at(column, END, kind="currency"),
        "contraction": at(column, END, kind="contraction"),
        "expansion": at(column, END, kind="expansion"),
    }
    bare = scene(subscribed("a", amount), expected(case, found))
    known = {month: inputs.number(rate, "a rate") for month, rate in rates.items()}
    return replace(bare, recurring=bare.recurring and replace(bare.recurring, usd_per_unit=known))


TRANSLATORS: Mapping[str, Callable[[Case], Scene]] = {
    "mrr_movement": _movement,
    "case_order_trap": _history,
    "mrr": _mrr,
    "mrr_discount": _discount,
    "mrr_trial": _trial,
    "committed_mrr": _committed,
    "mrr_completeness": _completeness,
    "new_and_churn_same_month": _same_month,
    "customer_vs_subscription_grain": _grain,
    "mrr_fx": _exchange,
}
