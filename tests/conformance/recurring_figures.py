"""Where figures of recurring revenue, of customers and of margin are read."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from tests.conformance import inputs
from tests.conformance.cases import Case
from tests.conformance.cost_figures import written_decimals
from tests.conformance.names import currency_of, tenant_of
from tests.conformance.scene import Column, Figure, OutOfScopeError, Scene

OF_SCENE = "starts_with(tenant_id, $scene) and mrr_month = $at"
MOVED = f" from fct_mrr_movements where {OF_SCENE} and ($kind = '' or mrr_movement = $kind)"
OWN = " and mrr_basis = 'contract_currency'"
OF_CURRENCY = " where mrr_basis = 'contract_currency' and currency_code = $currency"
EARNED = (
    " from rpt_tenant_pnl where tenant_id = $customer and period_month = $at"
    " and revenue_basis = 'rated'"
)
ROLLED: Mapping[Column, str] = {
    "mrr at the end": "closing_mrr_amount",
    "mrr net new": "net_new_mrr_amount",
    "quick ratio": "quick_ratio",
    "gross churn": "gross_churn_ratio",
    "net churn": "net_churn_ratio",
    "logo churn": "logo_churn_ratio",
}
RETAINED: Mapping[Column, str] = {
    "net retention": "net_retention_ratio",
    "gross retention": "gross_retention_ratio",
}
VALUED: Mapping[Column, str] = {
    "lifetime": "lifetime_months",
    "lifetime revenue": "lifetime_revenue_usd",
    "lifetime value": "lifetime_value_usd",
}
QUERIES: Mapping[Column, str] = {
    "mrr": f"select sum(mrr_amount) from fct_mrr where {OF_SCENE}",
    "mrr contracts": f"select sum(contract_count) from fct_mrr where {OF_SCENE}",
    "mrr committed": f"select sum(committed_mrr_amount) from fct_mrr where {OF_SCENE}",
    "mrr movement": f"select coalesce(sum(mrr_movement_amount), 0){MOVED}{OWN}",
    "mrr movements": (
        "select count(*) from fct_mrr_movements"
        f" where starts_with(tenant_id, $scene) and ($at is null or mrr_month = $at){OWN}"
    ),
    "mrr movement in dollars": (
        f"select coalesce(sum(mrr_movement_amount), 0){MOVED} and mrr_basis = 'reporting_currency'"
    ),
    **{
        column: f"select {found} from rpt_mrr_rollforward{OF_CURRENCY} and mrr_month = $at"
        for column, found in ROLLED.items()
    },
    **{
        column: (
            f"select {found} from rpt_revenue_retention{OF_CURRENCY} and mrr_month = $at"
            " and compared_over = 'year'"
        )
        for column, found in RETAINED.items()
    },
    "cohort retention": (
        f"select logo_retention_ratio from rpt_customer_cohorts{OF_CURRENCY} and mrr_month = $at"
    ),
    **{
        column: (
            f"select {found} from rpt_customer_lifetime_value"
            " where tenant_id = $customer and mrr_month = $at"
        )
        for column, found in VALUED.items()
    },
    "payback": "select payback_months from rpt_acquisition_payback where mrr_month = $at",
    "earned": f"select revenue_usd{EARNED}",
    "gross margin": f"select gross_margin_usd{EARNED}",
    "gross margin ratio": f"select gross_margin_ratio{EARNED}",
    "no customer": (
        "select case when count(*) = 0 then 1 else 0 end from fct_mrr"
        " where starts_with(tenant_id, $scene)"
    ),
    "unit cost": (
        "select unit_cost_usd from rpt_unit_economics"
        " where meter_id = $meter and period_month = $month"
    ),
}
"""The query of each column."""


def places(name: str, scene: Scene, figure: Figure) -> Mapping[str, Any]:
    """What the queries are asked with for a figure of a scene."""
    customers = scene.recurring.customers if scene.recurring else ()
    place = customers.index(figure.customer) + 1 if figure.customer else 0
    return {
        "scene": f"{tenant_of(name)}-",
        "currency": currency_of(name),
        "customer": tenant_of(name, place),
        "at": figure.month,
        "kind": figure.kind,
    }


def figure(name: str, value: Any, bare: Figure) -> Figure:
    """An expected number, compared at as many decimals as are written; none is no value."""
    if value is None:
        return replace(bare, name=name, amount=None)
    amount = inputs.number(value, name)
    return replace(bare, name=name, amount=amount, decimals=written_decimals(amount))


def expected(
    case: Case, found: Mapping[str, Figure], passed_over: tuple[str, ...] = ()
) -> tuple[Figure, ...]:
    """A figure for each expected field, but for those that state another's policy."""
    figures = []
    for name, value in case.expected.items():
        if name in found:
            figures.append(figure(name, value, found[name]))
        elif name not in passed_over:
            raise OutOfScopeError(f"no comparison for expected {name}")
    if not figures:
        raise OutOfScopeError("nothing is expected")
    return tuple(figures)


def at(column: Column, month: Any, **fields: Any) -> Figure:
    """A figure that is still without its number."""
    return Figure("", column, Decimal(0), month=month, **fields)
