"""Closing months of revenue: what was recognised when a month was closed is landed.

A lock has a line for the month, with the exchange rates it was closed with, and one for each line
of what was recognised. What is found later for a closed month is recognised in the first open one.
"""

from datetime import date

import duckdb

from python_ext import month_close
from python_ext.billing import Authority, Books, Landed
from python_ext.document_bodies import rows
from python_ext.errors import MeterhouseError
from python_ext.month_close import Closing, Row

REVENUE = ("+path:models/11_revenue", "+fct_cost_locks", "+fct_cost_pools")

OPEN_MONTHS = """
    select revenue_month from (
        select distinct revenue_month from fct_revenue_lines
        union select cast(? as date)
    )
    where revenue_month <= cast(? as date)
        and revenue_month not in (select revenue_month from fct_revenue_locks)
    order by revenue_month
"""

OPEN_COST = """
    select min(cost_month) from fct_cost_pools
    where cost_month <= ? and cost_month not in (select cost_month from fct_cost_locks)
"""

LINES = """
    select obligation_id, balance_key, contract_id, tenant_id, pack_id, revenue_kind, is_internal,
        is_correction, recognised_amount as amount, currency_code, recognised_usd as amount_usd
    from fct_revenue_lines
    where revenue_month = ?
    order by revenue_line_id
"""

RATES = """
    select currency_code, usd_per_unit from fct_booked_rates
    where rate_month = ?
    order by currency_code
"""


def close(books: Books, month: date, authority: Authority) -> Landed:
    """Lock the revenue of all months up to `month` that are open; see `month_close.close`.

    Raises MeterhouseError also where the cost of one is open: the journal of a month has both.
    """
    return month_close.close(CLOSING, books, month, authority)


def _refuse_open_cost(connection: duckdb.DuckDBPyConnection, month: date) -> None:
    found = connection.execute(OPEN_COST, [month]).fetchone()
    if found and found[0]:
        raise MeterhouseError(
            f"{month:%Y-%m}",
            f"the cost of {found[0]:%Y-%m} is open, and the journal of a month has both",
            f"close it first: meterhouse close --books cost --month {month:%Y-%m}",
        )


def _parts(connection: duckdb.DuckDBPyConnection, month: date) -> tuple[Row, list[Row]]:
    """How many lines there are and the rates of the month, then what was recognised in it."""
    lines = list(rows(connection, LINES, month))
    header = {"line_count": len(lines), "rates": list(rows(connection, RATES, month))}
    return header, [{"line": line} for line in lines]


CLOSING = Closing("revenue", "revenue_month", REVENUE, OPEN_MONTHS, _parts, _refuse_open_cost)
