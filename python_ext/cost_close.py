"""Closing months of cost: what stood when a month was closed is landed, and never changes.

A lock has a line for the month, with the statement files that it knows, and one for each of its
pools with their parts. Cost that comes later stands in the first open month.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

import duckdb

from python_ext.billing import (
    Act,
    Authority,
    Books,
    Landed,
    refuse_unended,
    stamp_of,
)
from python_ext.document_bodies import rows

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
    """Lock the cost of all months up to `month` that are open, each under its own lock.

    Months that were locked before stay as they are. Raises MeterhouseError for a month that has
    not ended.
    """
    with books.held(COST):
        at = stamp_of(books.settings, authority)
        refuse_unended(month, at)
        payload = {"books": "cost", "month": f"{month:%Y-%m}", "tenant": "all"}
        act = Act("close_period", "period", f"{month:%Y-%m}", payload)
        (action_id,) = books.act([act], authority, at, COST)
        with books.reading() as connection:
            months = [row[0] for row in connection.execute(OPEN_MONTHS, [month, month]).fetchall()]
            action = action_id, authority.policy_decision_id
            bodies = [body for each in months for body in _bodies(connection, each, at, action)]
        return Landed(books.land("locks", at, bodies), lock_count=len(months))


def _bodies(
    connection: duckdb.DuckDBPyConnection, month: date, at: datetime, action: tuple[str, str]
) -> Iterator[Mapping[str, Any]]:
    """The lines of a month's lock: the month, then its pools, each with its parts."""
    parts: dict[str, list[Mapping[str, Any]]] = {}
    for part in rows(connection, PARTS, month):
        parts.setdefault(part.pop("cost_pool_id"), []).append(part)
    pools = list(rows(connection, POOLS, month))
    lock = {"books": "cost", "lock_id": f"cost:{month:%Y-%m}", "cost_month": month}
    yield {
        **lock,
        "locked_at": at,
        "action_id": action[0],
        "policy_decision_id": action[1],
        "pool_count": len(pools),
        "files": [row[0] for row in connection.execute(FILES).fetchall()],
    }
    for pool in pools:
        yield {**lock, "pool": pool, "parts": parts.get(pool["cost_pool_id"], [])}
