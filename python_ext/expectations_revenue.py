"""What is expected of revenue and the ledger."""

from python_ext import expectations_limits as limits
from python_ext.expectations import Batch, Severity, Suite, each_between, each_in, median_between
from python_ext.expectations_history import (
    MONTHS_BEHIND,
    Series,
    against_history,
    freshness,
    shares,
)

REVENUE_KINDS = (
    "subscription",
    "usage",
    "one_time",
    "commitment",
    "adjustment",
    "sla_credit",
    "credit",
    "breakage",
    "granted_credit",
)
MOVEMENTS = ("new", "reactivation", "expansion", "contraction", "churn", "currency")

RECOGNISED_MONTHS = f"""
    select
        currency_code,
        revenue_month,
        sum(recognised_amount) as recognised_amount,
        {shares({"correction_share": "sum(correction_amount)"}, "sum(recognised_amount)")}
    from fct_recognised_revenue
    where not is_internal
    group by currency_code, revenue_month
"""
KINDS = """
    select revenue_kind, count(*) as row_count
    from fct_recognised_revenue
    group by revenue_kind
"""
POSTING_MONTHS = """
    select
        source_type,
        cast(date_trunc('month', posted_date) as date) as posted_month,
        count(*) as line_count,
        count(*) / count(distinct entry_id) as lines_per_entry
    from fct_journal_lines
    group by source_type, posted_month
"""
MOVED = """
    select mrr_movement, count(*) as row_count
    from fct_mrr_movements
    group by mrr_movement
"""

REVENUE = Suite(
    "revenue",
    (
        Batch(
            "recognised_months",
            "fct_recognised_revenue",
            against_history(
                Series(
                    RECOGNISED_MONTHS,
                    ("currency_code",),
                    "revenue_month",
                    counts=("recognised_amount",),
                    figures=("correction_share",),
                    at_least=limits.USUAL_ROWS,
                )
            ),
            ("currency_code", "revenue_month"),
            (
                each_between(
                    "recognised_amount_ratio",
                    limits.RECOGNISED_AMOUNT_RATIO,
                    Severity.WARNING,
                    "revenue of a currency against its months before",
                ),
                median_between(
                    "recognised_amount_ratio",
                    limits.RECOGNISED_AMOUNT_RATIO,
                    Severity.CRITICAL,
                    "revenue of most currencies halved or doubled",
                ),
                each_between(
                    "correction_share",
                    limits.CORRECTION_SHARE,
                    Severity.WARNING,
                    "much of a month's revenue corrects closed months",
                ),
            ),
        ),
        freshness(
            "fct_recognised_revenue",
            "max(revenue_month)",
            MONTHS_BEHIND,
            each_between(
                "months_behind",
                limits.REVENUE_MONTHS_BEHIND,
                Severity.CRITICAL,
                "no revenue was earned for so many months",
            ),
        ),
        Batch(
            "revenue_kinds",
            "fct_recognised_revenue",
            KINDS,
            ("revenue_kind",),
            (
                each_in(
                    "revenue_kind",
                    REVENUE_KINDS,
                    Severity.CRITICAL,
                    "reports of revenue by kind pass over this one",
                ),
            ),
        ),
        Batch(
            "posting_months",
            "fct_journal_lines",
            against_history(
                Series(
                    POSTING_MONTHS,
                    ("source_type",),
                    "posted_month",
                    counts=("line_count",),
                    figures=("lines_per_entry",),
                    at_least=limits.USUAL_ROWS,
                )
            ),
            ("source_type", "posted_month"),
            (
                each_between(
                    "line_count_ratio",
                    limits.POSTING_MONTH_RATIO,
                    Severity.WARNING,
                    "journal lines of a kind against its months before",
                ),
                each_between(
                    "lines_per_entry_ratio",
                    limits.LINES_PER_ENTRY_RATIO,
                    Severity.WARNING,
                    "entries of a kind have more or fewer lines than they had",
                ),
            ),
        ),
        freshness(
            "fct_journal_lines",
            "max(posted_date)",
            MONTHS_BEHIND,
            each_between(
                "months_behind",
                limits.POSTING_MONTHS_BEHIND,
                Severity.CRITICAL,
                "nothing was posted for so many months",
            ),
        ),
        Batch(
            "mrr_movements",
            "fct_mrr_movements",
            MOVED,
            ("mrr_movement",),
            (
                each_in(
                    "mrr_movement",
                    MOVEMENTS,
                    Severity.CRITICAL,
                    "charts from opening to closing recurring revenue pass over this movement",
                ),
            ),
        ),
    ),
)
"""Recognised and recurring revenue, and the journal."""
