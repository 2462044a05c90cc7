"""What is expected of cost and margin."""

from python_ext import expectations_limits as limits
from python_ext.expectations import (
    Batch,
    Severity,
    Suite,
    all_there,
    each_between,
    each_in,
    mean_between,
    median_between,
)
from python_ext.expectations_history import (
    MONTHS_BEHIND,
    Series,
    against_history,
    freshness,
    shares,
)

ALLOCATION_METHODS = ("direct", "shared", "idle", "unallocated")
RESOURCE_TYPES = (
    "compute",
    "storage",
    "database",
    "network",
    "third_party",
    "support",
    "other",
)
REVENUE_BASES = ("rated", "invoiced", "recognised")

STATEMENT_MONTHS = f"""
    select
        provider,
        currency_code,
        cost_month,
        count(*) as row_count,
        {shares({"effective_to_billed": "sum(effective_cost_amount)"}, "sum(billed_cost_amount)")}
    from fct_cost_statement_rows
    where row_status = 'current'
    group by provider, currency_code, cost_month
"""
COST_HOMES = f"""
    select
        currency_code,
        cost_month,
        {
    shares(
        {
            "unallocated_share": "sum(abs(unallocated_effective_cost_amount))",
            "idle_share": "sum(abs(idle_effective_cost_amount))",
        },
        "sum(abs(statement_effective_cost_amount))",
    )
}
    from rpt_cost_reconciliation
    cross join dim_as_of
    where cost_month >= date_trunc('month', as_of_at) - interval {limits.RECENT_MONTHS} month
    group by currency_code, cost_month
"""
METHODS = """
    select allocation_method, count(*) as row_count
    from fct_cost_attributions
    group by allocation_method
"""
RESOURCES = """
    select resource_type, count(*) as row_count
    from fct_cost_attributions
    group by resource_type
"""
# What is invoiced only counts when it is issued, and cost comes with the month.
TENANT_MARGINS = """
    select
        tenant_id,
        period_month,
        gross_margin_ratio,
        gross_margin_ratio - median(gross_margin_ratio) over history as margin_change
    from rpt_tenant_pnl
    cross join dim_as_of
    where
        revenue_basis = 'rated'
        and not is_internal
        and cogs_usd <> 0
        and period_month < date_trunc('month', as_of_at)
    window history as (
        partition by tenant_id order by period_month rows between {before} preceding and 1 preceding
    )
"""
RECENT_MARGINS = f"""
    select
        tenant_id,
        period_month,
        cast(gross_margin_ratio as double) as gross_margin_ratio,
        cast(margin_change as double) as margin_change
    from ({TENANT_MARGINS.format(before=limits.PERIODS_BEFORE)})
    cross join dim_as_of
    where period_month >= date_trunc('month', as_of_at) - interval {limits.RECENT_MONTHS} month
"""
UNIT_COSTS = f"""
    select meter_id, pack_id, period_month, cast(variance_ratio as double) as variance_ratio
    from rpt_unit_economics
    cross join dim_as_of
    where period_month >= date_trunc('month', as_of_at) - interval {limits.RECENT_MONTHS} month
"""
FORECASTS = """
    select
        measure,
        tenant_id,
        pack_id,
        cast(wape_ratio as double) as wape_ratio,
        cast(coverage_80_ratio as double) as coverage_80_ratio
    from rpt_forecast_accuracy
"""
BASES = """
    select revenue_basis, count(*) as row_count
    from rpt_financial_report
    group by revenue_basis
"""

COST = Suite(
    "cost",
    (
        freshness(
            "fct_cost_statement_rows",
            "max(cost_month)",
            MONTHS_BEHIND,
            each_between(
                "months_behind",
                limits.STATEMENT_MONTHS_BEHIND,
                Severity.CRITICAL,
                "no provider has stated cost for so many months",
            ),
        ),
        Batch(
            "statement_months",
            "fct_cost_statement_rows",
            against_history(
                Series(
                    STATEMENT_MONTHS,
                    ("provider", "currency_code"),
                    "cost_month",
                    counts=("row_count",),
                    figures=("effective_to_billed",),
                    at_least=limits.USUAL_ROWS,
                )
            ),
            ("provider", "currency_code", "cost_month"),
            (
                each_between(
                    "row_count_ratio",
                    limits.STATEMENT_MONTH_RATIO,
                    Severity.WARNING,
                    "rows of a provider's statement against the months before",
                ),
                each_between(
                    "effective_to_billed",
                    limits.EFFECTIVE_TO_BILLED,
                    Severity.WARNING,
                    "a month's effective cost is far from what was billed",
                ),
            ),
        ),
        Batch(
            "cost_homes",
            "rpt_cost_reconciliation",
            COST_HOMES,
            ("currency_code", "cost_month"),
            (
                each_between(
                    "unallocated_share",
                    limits.UNALLOCATED_SHARE,
                    Severity.WARNING,
                    "much of a month's cost has no home, so margins are too good",
                ),
                each_between(
                    "idle_share",
                    limits.IDLE_SHARE,
                    Severity.WARNING,
                    "much of a month's cost is paid for and not used",
                ),
            ),
        ),
        Batch(
            "allocation_methods",
            "fct_cost_attributions",
            METHODS,
            ("allocation_method",),
            (
                each_in(
                    "allocation_method",
                    ALLOCATION_METHODS,
                    Severity.CRITICAL,
                    "reports that tell direct from shared cost pass over this method",
                ),
            ),
        ),
        Batch(
            "resource_types",
            "fct_cost_attributions",
            RESOURCES,
            ("resource_type",),
            (
                each_in(
                    "resource_type",
                    RESOURCE_TYPES,
                    Severity.CRITICAL,
                    "columns of cost by resource pass over this one",
                ),
            ),
        ),
    ),
)
"""Cost statements and who bears them."""

MARGIN = Suite(
    "margin",
    (
        freshness(
            "rpt_tenant_pnl",
            "max(period_month)",
            MONTHS_BEHIND,
            each_between(
                "months_behind",
                limits.MARGIN_MONTHS_BEHIND,
                Severity.CRITICAL,
                "no tenant has revenue or cost for so many months",
            ),
        ),
        Batch(
            "tenant_margins",
            "rpt_tenant_pnl",
            RECENT_MARGINS,
            ("tenant_id", "period_month"),
            (
                each_between(
                    "gross_margin_ratio",
                    limits.MARGIN_RATIO,
                    Severity.CRITICAL,
                    "cost is below zero, or three times the revenue",
                ),
                each_between(
                    "margin_change",
                    limits.MARGIN_CHANGE,
                    Severity.WARNING,
                    "a tenant's margin is not what it was: a price, or cost mapped elsewhere",
                ),
                median_between(
                    "gross_margin_ratio",
                    limits.MARGIN_MEDIAN,
                    Severity.WARNING,
                    "the margin of most tenants is out of the ordinary",
                ),
            ),
        ),
        Batch(
            "unit_costs",
            "rpt_unit_economics",
            UNIT_COSTS,
            ("meter_id", "pack_id", "period_month"),
            (
                median_between(
                    "variance_ratio",
                    limits.UNIT_COST_MEDIAN_VARIANCE,
                    Severity.WARNING,
                    "units of most meters cost far more or less than their target",
                ),
            ),
        ),
        Batch(
            "forecasts",
            "rpt_forecast_accuracy",
            FORECASTS,
            ("measure", "tenant_id", "pack_id"),
            (
                median_between(
                    "wape_ratio",
                    limits.FORECAST_ERROR_MEDIAN,
                    Severity.WARNING,
                    "forecasts of most series are far off",
                ),
                mean_between(
                    "coverage_80_ratio",
                    limits.FORECAST_COVERAGE_MEAN,
                    Severity.WARNING,
                    "intervals of 80 percent hold much less than that",
                ),
            ),
        ),
        Batch(
            "revenue_bases",
            "rpt_financial_report",
            BASES,
            ("revenue_basis",),
            (
                each_in(
                    "revenue_basis",
                    REVENUE_BASES,
                    Severity.CRITICAL,
                    "reports choose one basis of these, and none shows this one",
                ),
                all_there(
                    "revenue_basis",
                    ("rated", "recognised"),
                    Severity.CRITICAL,
                    "reports that choose this basis are empty",
                ),
            ),
        ),
    ),
)
"""Margin of tenants and units, and its forecasts."""
