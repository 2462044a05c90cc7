"""What is expected of contracts and customer success."""

from python_ext import expectations_limits as limits
from python_ext.expectations import (
    Batch,
    Severity,
    Suite,
    each_between,
    each_in,
    mean_between,
    median_between,
)
from python_ext.expectations_history import MONTHS_BEHIND, Series, against_history, freshness

CHURN_REASONS = ("cancelled", "term_ended", "without_fees", "unknown")

CONTRACTED_MONTHS = """
    select
        'all' as customers,
        mrr_month,
        sum(mrr_usd) as mrr_usd,
        count(distinct tenant_id) filter (where mrr_amount > 0) as customer_count
    from fct_mrr
    group by mrr_month
"""
RETENTION = f"""
    select mrr_month, cast(net_retention_ratio as double) as net_retention_ratio
    from rpt_revenue_retention
    cross join dim_as_of
    where
        mrr_basis = 'reporting_currency'
        and compared_over = 'year'
        and mrr_month >= date_trunc('month', as_of_at) - interval {limits.RECENT_MONTHS} month
"""
CHURN = """
    select mrr_month, cast(logo_churn_ratio as double) as logo_churn_ratio
    from rpt_mrr_rollforward
    cross join dim_as_of
    where
        mrr_basis = 'reporting_currency'
        and mrr_month >= date_trunc('month', as_of_at) - interval 12 month
"""
LIFETIME = """
    select
        tenant_id,
        mrr_month,
        cast(gross_margin_ratio as double) as gross_margin_ratio,
        cast(lifetime_value_usd as double) / nullif(cast(mrr_usd as double), 0)
            as lifetime_multiple
    from rpt_customer_lifetime_value
    where mrr_month = (select max(mrr_month) from rpt_customer_lifetime_value)
"""
PAYBACK = """
    select mrr_month, cast(payback_months as double) as payback_months
    from rpt_acquisition_payback
    cross join dim_as_of
    where mrr_month >= date_trunc('month', as_of_at) - interval 24 month
"""
REASONS = """
    select churn_reason, sum(churned_customer_count) as customer_count
    from rpt_churn_analysis
    group by churn_reason
"""

CUSTOMERS = Suite(
    "customers",
    (
        freshness(
            "fct_mrr",
            "max(mrr_month)",
            MONTHS_BEHIND,
            each_between(
                "months_behind",
                limits.MRR_MONTHS_BEHIND,
                Severity.CRITICAL,
                "recurring revenue is not told up to this month",
            ),
        ),
        Batch(
            "contracted_months",
            "fct_mrr",
            against_history(
                Series(
                    CONTRACTED_MONTHS,
                    ("customers",),
                    "mrr_month",
                    figures=("mrr_usd", "customer_count"),
                )
            ),
            ("mrr_month",),
            (
                each_between(
                    "mrr_usd_ratio",
                    limits.MRR_RATIO,
                    Severity.WARNING,
                    "recurring revenue against the months before",
                ),
                each_between(
                    "customer_count_ratio",
                    limits.CUSTOMER_RATIO,
                    Severity.WARNING,
                    "customers with recurring revenue against the months before",
                ),
            ),
        ),
        Batch(
            "retention",
            "rpt_revenue_retention",
            RETENTION,
            ("mrr_month",),
            (
                each_between(
                    "net_retention_ratio",
                    limits.NET_RETENTION,
                    Severity.WARNING,
                    "customers of a year ago bring far less or more than they did",
                ),
            ),
        ),
        Batch(
            "churn",
            "rpt_mrr_rollforward",
            CHURN,
            ("mrr_month",),
            (
                mean_between(
                    "logo_churn_ratio",
                    limits.CHURN_MEAN,
                    Severity.WARNING,
                    "too many customers leave in a month, on average of a year",
                ),
            ),
        ),
        Batch(
            "churn_reasons",
            "rpt_churn_analysis",
            REASONS,
            ("churn_reason",),
            (
                each_in(
                    "churn_reason",
                    CHURN_REASONS,
                    Severity.WARNING,
                    "charts of why customers leave pass over this reason",
                ),
            ),
        ),
        Batch(
            "lifetime_values",
            "rpt_customer_lifetime_value",
            LIFETIME,
            ("tenant_id", "mrr_month"),
            (
                median_between(
                    "gross_margin_ratio",
                    limits.CUSTOMER_MARGIN_MEDIAN,
                    Severity.WARNING,
                    "the margin that customers are valued at is out of the ordinary",
                ),
                each_between(
                    "lifetime_multiple",
                    limits.LIFETIME_MULTIPLE,
                    Severity.WARNING,
                    "a customer is worth more than twenty years of its revenue, or less than none",
                ),
            ),
        ),
        Batch(
            "payback",
            "rpt_acquisition_payback",
            PAYBACK,
            ("mrr_month",),
            (
                mean_between(
                    "payback_months",
                    limits.PAYBACK_MONTHS_MEAN,
                    Severity.WARNING,
                    "a new customer takes years to pay for itself, or less than no time",
                ),
            ),
        ),
    ),
)
"""Recurring revenue by customer, and who stays."""
