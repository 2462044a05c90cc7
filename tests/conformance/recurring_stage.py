"""Customers with subscriptions as rows; what must be alone is put into a year of its own."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from tests.conformance import cost_stage
from tests.conformance.names import PACK, RECORDED, currency_of, tenant_of
from tests.conformance.plans import add_fee, bare_plan
from tests.conformance.scene import Cells, Recurring, Rows, Scene, Subscription, Tier

ALONE = date(2001, 1, 1)
"""The month of the first that is to be alone; the others follow a year apart."""

YEARS = 16


def rows(name: str, scene: Scene, recurring: Recurring) -> Rows:
    """Rows of the catalogue: the customers, their plans and contracts, and their cost."""
    currency = "USD" if recurring.in_dollars else currency_of(name)
    found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    found["tiers"].append(_tier(name))
    if not recurring.in_dollars:
        found["currencies"].append(
            {"currency_code": currency, "currency_name": currency, "minor_unit": 2}
        )
    for month, rate in recurring.usd_per_unit.items():
        found["exchange_rates"].append(
            {"currency_code": currency, "rate_month": month, "usd_per_unit": f"{rate:f}"}
        )
    for place, _ in enumerate(recurring.customers, start=1):
        found["tenants"].append(_tenant(name, place, currency, recurring.is_internal))
    plans: dict[tuple[str, Decimal], str] = {}
    for number, one in enumerate(recurring.subscriptions, start=1):
        price = one.interval, one.amount
        if price not in plans:
            plans[price] = f"{tenant_of(name)}-plan-{len(plans) + 1}"
            plan = bare_plan(plans[price], one.interval)
            add_fee(plan, plans[price], "flat", currency, Tier(None, Decimal(0), one.amount))
            for file, added in plan.items():
                found[file] += added
        tenant = tenant_of(name, recurring.customers.index(one.customer) + 1)
        contract = f"{tenant_of(name)}-contract-{number}"
        for file, row in _contract(contract, tenant, plans[price], currency, one):
            found[file].append(row)
    if scene.cost:
        for file, shared in cost_stage.rows(name, scene.cost).items():
            found[file] += shared
    return found


def _tier(name: str) -> Mapping[str, Any]:
    limits = ("users_limit", "components_limit", "api_calls_limit", "storage_gb_limit")
    return {
        "tier_id": tenant_of(name),
        "tier_name": f"Conformance {name}",
        "support_level": "email",
        **dict.fromkeys(limits, 1),
    }


def _tenant(name: str, place: int, currency: str, is_internal: bool) -> Mapping[str, Any]:
    return {
        "tenant_id": tenant_of(name, place),
        "tenant_name": f"Conformance {name}",
        "tier_id": tenant_of(name),
        "region": "us-east",
        "country_code": "US",
        "tax_region": "US-NY",
        "customer_kind": "internal" if is_internal else "business",
        "billing_currency_code": currency,
        "is_internal": str(is_internal).lower(),
    }


def _contract(
    contract: str, tenant: str, plan: str, currency: str, one: Subscription
) -> list[tuple[str, Mapping[str, Any]]]:
    term = {"start_date": one.start.isoformat(), "end_date": one.end.isoformat()}
    key = {"contract_id": contract, **term, **RECORDED}
    found: list[tuple[str, Mapping[str, Any]]] = [
        (
            "contracts",
            {
                **key,
                "tenant_id": tenant,
                "plan_id": plan,
                "contract_type": "annual",
                "currency_code": currency,
                "billing_interval": one.interval,
                "payment_terms_days": 30,
                "issuing_entity_id": "summit-us",
            },
        ),
        ("contract_packs", {"contract_id": contract, "pack_id": PACK}),
    ]
    if one.trial_end:
        found.append(("billing_terms", {**key, "trial_end_date": one.trial_end.isoformat()}))
    if one.coupon:
        found.append(("coupons", {**key, **_coupon(contract, currency, one.coupon)}))
    if one.discount_ratio is not None:
        discount = {"discount_id": contract, "discount_ratio": f"{one.discount_ratio:f}"}
        found.append(("discounts", {**key, **discount, "sequence": 1}))
    return found


def _coupon(contract: str, currency: str, cells: Cells) -> Mapping[str, Any]:
    paid = {"currency_code": currency} if "fixed_amount" in cells else {}
    return {
        "coupon_id": contract,
        "scope": "all",
        "duration_period_count": 1,
        **paid,
        **{column: f"{value:f}" for column, value in cells.items() if isinstance(value, Decimal)},
    }


def _alone(scenes: Mapping[str, Scene]) -> list[str]:
    return [name for name, scene in scenes.items() if scene.recurring and scene.recurring.is_alone]


def crowded(scenes: Mapping[str, Scene]) -> Mapping[str, str]:
    """Those that find no year for themselves, and why."""
    reason = f"figures of a whole company are of one case a year, and there are {YEARS} years"
    return dict.fromkeys(_alone(scenes)[YEARS:], reason)


def apart(scenes: Mapping[str, Scene]) -> dict[str, Scene]:
    """The scenes, with each that is to be alone moved into a year in which nobody else is."""
    moved = {name: _later(scenes[name], years) for years, name in enumerate(_alone(scenes))}
    return {**scenes, **moved}


def _later(scene: Scene, years: int) -> Scene:
    """The same scene some years later; its days are of no leap year's February."""

    def on(day: date) -> date:
        return day.replace(year=day.year + years)

    def at(instant: datetime) -> datetime:
        return instant.replace(year=instant.year + years)

    recurring, cost = scene.recurring, scene.cost
    return replace(
        scene,
        month=on(scene.month),
        recurring=recurring
        and replace(
            recurring,
            end=on(recurring.end),
            subscriptions=tuple(
                replace(one, start=on(one.start), end=on(one.end))
                for one in recurring.subscriptions
            ),
        ),
        cost=cost
        and replace(
            cost,
            charges=tuple(
                replace(one, start=at(one.start), end=at(one.end)) for one in cost.charges
            ),
        ),
        figures=tuple(
            replace(figure, month=figure.month and on(figure.month)) for figure in scene.figures
        ),
    )
