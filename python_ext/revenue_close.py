"""Closing months of revenue: what was recognised when a month was closed is landed.

A lock has a line for the month, with the exchange rates it was closed with, and one for each line
of what was recognised. What is found later for a closed month is recognised in the first open one.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

import duckdb

from python_ext.billing import Act, Authority, Books, Landed, refuse_unended, stamp_of
from python_ext.document_bodies import rows
from python_ext.errors import MeterhouseError

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
    """Lock the revenue of all months up to `month` that are open, each under its own lock.

    Months that were locked before stay as they are. Raises MeterhouseError for a month that has
    not ended, or whose cost is open: the journal of a month has both.
    """
    with books.held(REVENUE):
        at = stamp_of(books.settings, authority)
        refuse_unended(month, at)
        with books.reading() as connection:
            found = connection.execute(OPEN_COST, [month]).fetchone()
        if found and found[0]:
            raise MeterhouseError(
                f"{month:%Y-%m}",
                f"the cost of {found[0]:%Y-%m} is open, and the journal of a month has both",
                f"close it first: meterhouse close --books cost --month {month:%Y-%m}",
            )
        payload = {"books": "revenue", "month": f"{month:%Y-%m}", "tenant": "all"}
        act = Act("close_period", "period", f"{month:%Y-%m}", payload)
        (action_id,) = books.act([act], authority, at, REVENUE)
        with books.reading() as connection:
            months = [row[0] for row in connection.execute(OPEN_MONTHS, [month, month]).fetchall()]
            action = action_id, authority.policy_decision_id
            bodies = [body for each in months for body in _bodies(connection, each, at, action)]
        return Landed(books.land("locks", at, bodies), lock_count=len(months))


def _bodies(
    connection: duckdb.DuckDBPyConnection, month: date, at: datetime, action: tuple[str, str]
) -> Iterator[Mapping[str, Any]]:
    """The lines of a month's lock: the month, then what was recognised in it."""
    lines = list(rows(connection, LINES, month))
    lock = {"books": "revenue", "lock_id": f"revenue:{month:%Y-%m}", "revenue_month": month}
    yield {
        **lock,
        "locked_at": at,
        "action_id": action[0],
        "policy_decision_id": action[1],
        "line_count": len(lines),
        "rates": list(rows(connection, RATES, month)),
    }
    for line in lines:
        yield {**lock, "line": line}
