"""Closing months of cost: what stood when a month was closed is landed, and never changes.

A lock has a line for the month, with the statement files that it knows, and one for each of its
pools with their parts. Cost that comes later stands in the first open month.
"""

from datetime import date

import duckdb

from python_ext import month_close
from python_ext.billing import Authority, Books, Landed
from python_ext.document_bodies import rows
from python_ext.month_close import Closing, Row

COST = ("+path:models/12_cost",)

FILES = """
    select landed_file from stg_landing__files
    where source_folder in ('focus', 'cost_pools')
    order by landed_file
"""

OPEN_MONTHS = """
    select cost_month from (
        select distinct cost_month from fct_cost_pools
        union select cast(? as date)
    )
    where cost_month <= cast(? as date)
        and cost_month not in (select cost_month from fct_cost_locks)
    order by cost_month
"""

POOLS = (
    "select * exclude (is_locked) from fct_cost_pools where cost_month = ? order by cost_pool_id"
)

PARTS = """
    select parts.*
    from int_cost__parts_booked as parts
    inner join fct_cost_pools as pools using (cost_pool_id)
    where pools.cost_month = ?
    order by cost_pool_id, share_path, tenant_id, pack_id, unallocated_reason
"""


def close(books: Books, month: date, authority: Authority) -> Landed:
    """Lock the cost of all months up to `month` that are open; see `month_close.close`."""
    return month_close.close(CLOSING, books, month, authority)


def _parts(connection: duckdb.DuckDBPyConnection, month: date) -> tuple[Row, list[Row]]:
    """How many pools there are and the files that are known; then each pool with its parts."""
    parts: dict[str, list[Row]] = {}
    for part in rows(connection, PARTS, month):
        parts.setdefault(part.pop("cost_pool_id"), []).append(part)
    pools = list(rows(connection, POOLS, month))
    files = [row[0] for row in connection.execute(FILES).fetchall()]
    return {"pool_count": len(pools), "files": files}, [
        {"pool": pool, "parts": parts.get(pool["cost_pool_id"], [])} for pool in pools
    ]


CLOSING = Closing("cost", "cost_month", COST, OPEN_MONTHS, _parts)
