"""Families of margin: of a customer, of its lifetime, of what it cost to win, and of a unit."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tests.conformance import inputs
from tests.conformance.cases import Case
from tests.conformance.costs import charge
from tests.conformance.families import UNIT_PRICES
from tests.conformance.months import ANY_MONTH, DAY
from tests.conformance.recurring import AFTER, END, START, later, scene, subscribed
from tests.conformance.recurring_figures import at, expected
from tests.conformance.recurring_stage import ALONE
from tests.conformance.scene import (
    Charge,
    Cost,
    Event,
    Figure,
    Line,
    Meter,
    OutOfScopeError,
    Scene,
    Share,
)

MOST_CUSTOMERS = 1000
SALES = "sales"
UNITS = "units"


def _at(month: date) -> datetime:
    return datetime.combine(month, time(), UTC)


def _spent(customer: str, amount: Decimal, month: date) -> tuple[Charge, ...]:
    """What a customer costs in a month."""
    return (charge("cogs", amount, _at(month), tenant=customer),) if amount else ()


def _with_cost(bare: Scene, charges: tuple[Charge, ...], **fields: Any) -> Scene:
    if not charges or bare.recurring is None:
        return bare
    return replace(bare, cost=Cost(bare.recurring.customers, charges, **fields))


def _gross_margin(case: Case) -> Scene:
    """A fee of a month, and what the customer costs in it."""
    is_internal = case.inputs.get("tenant") == "internal"
    price = "transfer_price" if is_internal else "revenue"
    revenue = inputs.number(case.inputs.get(price), price)
    places: Mapping[str, Figure] = {
        "revenue": at("earned", START, customer="a"),
        "gross_profit": at("gross margin", START, customer="a"),
        "gm_pct": at("gross margin ratio", START, customer="a"),
    }
    outside = "excluded_from_external_revenue"
    figures = list(expected(case, places, (outside,)))
    if outside in case.expected:
        is_outside = Decimal(case.expected[outside] is True)
        figures.append(Figure(outside, "no customer", is_outside))
    subscription = subscribed("a", revenue or Decimal(1), end=END)
    if not revenue:
        subscription = tuple(replace(one, amount=revenue) for one in subscription)
    bare = scene(subscription, figures, end=END, in_dollars=True, is_internal=is_internal)
    cogs = inputs.number(case.inputs.get("cogs"), "cogs")
    return _with_cost(bare, _spent("a", cogs, START))


def _lifetime(case: Case) -> Scene:
    """Of the customers of a tier so many leave in one month as the rate says."""
    arpa = inputs.number(case.inputs.get("arpa"), "arpa")
    rate = inputs.number(
        inputs.first(case.inputs, "customer_churn", "monthly_churn"), "customer_churn"
    )
    churn = Fraction(rate)
    if not 0 <= churn < 1 or churn.denominator > MOST_CUSTOMERS:
        raise OutOfScopeError(f"of {MOST_CUSTOMERS} customers as many leave as a rate says")
    margin = inputs.optional(case.inputs.get("gross_margin"), "gross_margin")
    stay = churn.denominator - churn.numerator
    customers = [
        one
        for place in range(churn.denominator)
        for one in subscribed(f"c{place}", arpa, end=AFTER if place < stay else END)
    ]
    places = {
        "ltv": at("lifetime revenue" if margin is None else "lifetime value", END, customer="c0"),
        "lifespan_months": at("lifetime", END, customer="c0"),
    }
    bare = scene(customers, expected(case, places), in_dollars=True)
    return _with_cost(bare, () if margin is None else _spent("c0", 2 * arpa * (1 - margin), END))


def _payback(case: Case) -> Scene:
    """One customer is won, in a month in which nothing else is sold."""
    cac, arpu, margin = (
        inputs.number(case.inputs.get(name), name) for name in ("cac", "arpu", "gross_margin")
    )
    figures = expected(case, {"months": at("payback", ALONE)})
    end = later(ALONE, 1)
    customers = subscribed("a", arpu, ALONE, end)
    bare = scene(customers, figures, end=end, in_dollars=True, is_alone=True)
    sales = (charge(SALES, cac, _at(ALONE)),) if cac else ()
    return _with_cost(
        bare,
        (*_spent("a", arpu * (1 - margin), ALONE), *sales),
        rules={SALES: (Share("even"),)},
        services={SALES: SALES},
        mapped={SALES: {"cost_category": "sales_and_marketing"}},
    )


def _unit_cost(case: Case) -> Scene:
    if "orders" not in case.inputs:
        raise OutOfScopeError(UNIT_PRICES)
    spent = inputs.number(case.inputs.get("cost"), "cost")
    units = inputs.quantity(case.inputs["orders"], "orders")
    line = Line(Meter("sum"), (Event("orders", ANY_MONTH + DAY, units, tenant=UNITS),))
    figures = expected(case, {"cost_per_order": at("unit cost", None)})
    charges = (charge("cogs", spent, tenant=UNITS),)
    cost = Cost((UNITS,), charges, target_unit_cost=Decimal(1))
    return Scene(ANY_MONTH.date(), (line,), figures, cost=cost)


def _variance(case: Case) -> Scene:
    raise OutOfScopeError(
        "units are not budgeted: the cost of a unit is told against its target, as a ratio, and"
        " revenue and cost against their budgets"
    )


TRANSLATORS: Mapping[str, Callable[[Case], Scene]] = {
    "gross_margin": _gross_margin,
    "gross_margin_internal": _gross_margin,
    "ltv_revenue": _lifetime,
    "ltv_gross_margin": _lifetime,
    "cac_payback": _payback,
    "unit_cost": _unit_cost,
    "unit_cost_variance": _variance,
}
