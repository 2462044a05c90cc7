"""What is expected of rating and invoicing."""

from python_ext import expectations_limits as limits
from python_ext.expectations import (
    Batch,
    Severity,
    Suite,
    each_between,
    each_in,
    mean_between,
    median_between,
    stdev_between,
)
from python_ext.expectations_history import (
    Series,
    against_history,
    freshness,
    shares,
)

LINE_TYPES = ("fee", "usage", "commitment", "adjustment", "sla_credit")

RATED_MONTHS = f"""
    select
        currency_code,
        period_month,
        count(*) as row_count,
        sum(net_amount) as net_amount,
        {shares({"discount_share": "sum(discount_amount)"}, "sum(gross_amount)")}
    from fct_rated_usage
    where is_current and status = 'rated'
    group by currency_code, period_month
"""
# What a unit came to, tiers and all; dbt and the monitors look at list prices.
UNIT_PRICES = f"""
    select
        meter_id,
        currency_code,
        period_month,
        {shares({"unit_price": "sum(gross_amount)"}, "sum(billable_quantity)")}
    from fct_rated_usage
    where is_current and status = 'rated'
    group by meter_id, currency_code, period_month
"""
INVOICES = f"""
    select
        invoice_id,
        version,
        {
    shares(
        {"tax_share": "tax_amount"},
        "case when subtotal_amount > discount_amount then subtotal_amount - discount_amount end",
    )
},
        {
    shares(
        {"discount_share": "discount_amount"},
        "case when subtotal_amount > 0 then subtotal_amount end",
    )
}
    from fct_invoices
    cross join dim_as_of
    where
        is_current
        and status <> 'void'
        and period_end_at > as_of_at - interval {limits.RECENT_MONTHS} month
"""
INVOICE_MONTHS = """
    select
        currency_code,
        cast(date_trunc('month', period_start_at) as date) as invoice_month,
        count(*) as invoice_count
    from fct_invoices
    where is_current
    group by currency_code, invoice_month
"""
LINES = """
    select line_type, count(*) as line_count
    from fct_invoice_lines
    group by line_type
"""

BILLING = Suite(
    "billing",
    (
        Batch(
            "rated_months",
            "fct_rated_usage",
            against_history(
                Series(
                    RATED_MONTHS,
                    ("currency_code",),
                    "period_month",
                    counts=("row_count", "net_amount"),
                    figures=("discount_share",),
                    at_least=limits.USUAL_ROWS,
                )
            ),
            ("currency_code", "period_month"),
            (
                each_between(
                    "row_count_ratio",
                    limits.RATED_MONTH_RATIO,
                    Severity.WARNING,
                    "rated lines of a currency against its months before",
                ),
                each_between(
                    "net_amount_ratio",
                    limits.RATED_AMOUNT_RATIO,
                    Severity.WARNING,
                    "rated usage of a currency against its months before",
                ),
                each_between(
                    "discount_share",
                    limits.RATED_DISCOUNT_SHARE,
                    Severity.WARNING,
                    "much of a month's usage is given away",
                ),
            ),
        ),
        Batch(
            "unit_prices",
            "fct_rated_usage",
            against_history(
                Series(
                    UNIT_PRICES,
                    ("meter_id", "currency_code"),
                    "period_month",
                    figures=("unit_price",),
                )
            ),
            ("meter_id", "currency_code", "period_month"),
            (
                each_between(
                    "unit_price_ratio",
                    limits.UNIT_PRICE_RATIO,
                    Severity.WARNING,
                    "what a unit of a meter came to, against its months before",
                ),
                mean_between(
                    "unit_price_ratio",
                    limits.UNIT_PRICE_MEAN_RATIO,
                    Severity.WARNING,
                    "units cost more or less than they did, on average of all meters",
                ),
                median_between(
                    "unit_price_ratio",
                    limits.UNIT_PRICE_MEDIAN_RATIO,
                    Severity.CRITICAL,
                    "units of most meters cost more or less than they did",
                ),
                stdev_between(
                    "unit_price_ratio",
                    limits.UNIT_PRICE_STDEV_RATIO,
                    Severity.WARNING,
                    "prices of units went different ways",
                ),
            ),
        ),
        Batch(
            "invoices",
            "fct_invoices",
            INVOICES,
            ("invoice_id", "version"),
            (
                each_between(
                    "tax_share",
                    limits.TAX_SHARE,
                    Severity.CRITICAL,
                    "an invoice has more tax than any rate explains, or tax below zero",
                ),
                each_between(
                    "discount_share",
                    limits.INVOICE_DISCOUNT_SHARE,
                    Severity.WARNING,
                    "an invoice is almost given away",
                ),
            ),
        ),
        Batch(
            "invoice_months",
            "fct_invoices",
            against_history(
                Series(
                    INVOICE_MONTHS,
                    ("currency_code",),
                    "invoice_month",
                    counts=("invoice_count",),
                    at_least=limits.USUAL_INVOICES,
                )
            ),
            ("currency_code", "invoice_month"),
            (
                each_between(
                    "invoice_count_ratio",
                    limits.INVOICE_MONTH_RATIO,
                    Severity.WARNING,
                    "invoices of a currency against its months before",
                ),
            ),
        ),
        freshness(
            "fct_invoices",
            "max(period_start_at)",
            "date_diff('day', newest, as_of_at)",
            each_between(
                "days_behind",
                limits.INVOICE_DAYS_BEHIND,
                Severity.WARNING,
                "no billing period has begun for so many days",
            ),
        ),
        Batch(
            "line_types",
            "fct_invoice_lines",
            LINES,
            ("line_type",),
            (
                each_in(
                    "line_type",
                    LINE_TYPES,
                    Severity.CRITICAL,
                    "reports that tell fees from usage pass over these lines",
                ),
            ),
        ),
    ),
)
"""Rated usage and invoices, drafts too."""
