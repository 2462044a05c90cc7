"""Every suite, in the order of the chapters."""

from python_ext.expectations import Suite
from python_ext.expectations_billing import BILLING
from python_ext.expectations_cost import COST, MARGIN
from python_ext.expectations_customers import CUSTOMERS
from python_ext.expectations_revenue import REVENUE
from python_ext.expectations_usage import USAGE

SUITES: tuple[Suite, ...] = (USAGE, BILLING, REVENUE, COST, MARGIN, CUSTOMERS)
