"""Every threshold of the expectations, and how far back they look.

A ratio is of a figure to the median of the periods before it: 1 is as usual, 2 twice as much.
A share is of a whole: 0.05 is five percent.
"""

from typing import NamedTuple


class Range(NamedTuple):
    """Both ends are within; None leaves that end open."""

    low: float | None
    high: float | None


# How far back
PERIODS_BEFORE = 6  # periods whose median is the usual figure
PERIODS_KNOWN = 3  # with fewer there is no usual figure, and nothing to compare with
RECENT_MONTHS = 3  # whole months that are judged; what is older was judged then
RECENT_WEEKS = 8
USUAL_ROWS = 20  # a series that usually has fewer rows may do as it likes
USUAL_INVOICES = 5

# Freshness, against the newest landing (dim_as_of) or what is upstream
EVENT_DAYS_BEHIND = Range(None, 7)
READING_DAYS_BEHIND = Range(None, 2)  # beyond the length of its own window
INVOICE_DAYS_BEHIND = Range(None, 62)
STATEMENT_MONTHS_BEHIND = Range(None, 2)
REVENUE_MONTHS_BEHIND = Range(None, 1)
POSTING_MONTHS_BEHIND = Range(None, 1)
MRR_MONTHS_BEHIND = Range(None, 0)
MARGIN_MONTHS_BEHIND = Range(None, 1)

# Volume, against the periods before
EVENT_DAY_RATIO = Range(0.25, 4)
READING_MONTH_RATIO = Range(0.5, 2)
READING_MONTH_MEDIAN_RATIO = Range(0.7, 1.4)  # over all meters: one may change, not most of them
RATED_MONTH_RATIO = Range(0.5, 2)
RATED_AMOUNT_RATIO = Range(0.4, 2.5)
INVOICE_MONTH_RATIO = Range(0.5, 2)
RECOGNISED_AMOUNT_RATIO = Range(0.5, 2)
POSTING_MONTH_RATIO = Range(0.5, 2)
STATEMENT_MONTH_RATIO = Range(0.5, 2)
MRR_RATIO = Range(0.7, 1.5)
CUSTOMER_RATIO = Range(0.7, 1.5)

# Usage and metering
ZERO_QUANTITY_SHARE = Range(0, 0.05)
ASSUMED_ENVIRONMENT_SHARE = Range(0, 0.2)
CORRECTED_SHARE = Range(0, 0.1)
QUANTITY_PER_EVENT_RATIO = Range(0.4, 2.5)  # bytes that become kilobytes are a thousandth

# Rating and invoicing
UNIT_PRICE_RATIO = Range(0.5, 2)
UNIT_PRICE_MEAN_RATIO = Range(0.8, 1.25)
UNIT_PRICE_MEDIAN_RATIO = Range(0.9, 1.1)
UNIT_PRICE_STDEV_RATIO = Range(0, 0.3)
RATED_DISCOUNT_SHARE = Range(0, 0.4)
INVOICE_DISCOUNT_SHARE = Range(0, 0.9)
TAX_SHARE = Range(0, 0.3)  # the highest rate there is anywhere is 27 percent

# Revenue and ledger
CORRECTION_SHARE = Range(-0.1, 0.1)
LINES_PER_ENTRY_RATIO = Range(0.8, 1.25)

# Cost and margin
UNALLOCATED_SHARE = Range(0, 0.05)
IDLE_SHARE = Range(0, 0.2)
EFFECTIVE_TO_BILLED = Range(0.5, 2)
MARGIN_RATIO = Range(-2, 1)
MARGIN_CHANGE = Range(-0.2, 0.2)  # in points of the ratio: 80 percent, then 60
MARGIN_MEDIAN = Range(0.3, 0.95)
UNIT_COST_MEDIAN_VARIANCE = Range(-0.6, 0.5)  # against the target of the meter
FORECAST_ERROR_MEDIAN = Range(0, 0.25)
FORECAST_COVERAGE_MEAN = Range(0.6, 1)  # an interval of 80 percent

# Contracts and customer success
NET_RETENTION = Range(0.6, 1.6)
CHURN_MEAN = Range(0, 0.05)  # of customers a month, over a year
CUSTOMER_MARGIN_MEDIAN = Range(0.3, 0.97)
LIFETIME_MULTIPLE = Range(0, 240)  # of the customer's recurring revenue of a month
PAYBACK_MONTHS_MEAN = Range(0, 36)
