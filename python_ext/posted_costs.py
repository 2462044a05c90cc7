"""Cost pools as they are published: the statement rows in them, and what each bears of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import duckdb

from python_ext.row_splits import EXACT, RowSplit, Running

IDLE = "(idle)"
"""Who bears capacity that was there and that nobody used."""

OF_POOL = "pool_id = ?"
OF_MONTH = "posted_month = ?"

PARTS = """
    with parts as (
        select
            cost_pool_id as pool_id, cost_month as posted_month, cost_allocation_id, tenant_id,
            pack_id, capability_id, share_path, cast(null as varchar) as reason, driver,
            driver_quantity, share_ratio, billed_cost_amount, effective_cost_amount
        from fct_cost_allocations
        union all
        select
            cost_pool_id, cost_month, null, null, null, null, null, reason, null, null, null,
            billed_cost_amount, effective_cost_amount
        from fct_unallocated_costs
    )

    select * exclude (posted_month) from parts
    where {condition}
    order by share_path, tenant_id, pack_id, reason
"""

ROWS = """
    with postings as (
        select
            *,
            cost_pool_id as pool_id,
            cost_month as posted_month,
            false as is_taken_back,
            billed_cost_amount as billed,
            effective_cost_amount as effective
        from fct_cost_statement_rows
        where is_posted
        union all
        select
            *, reversal_cost_pool_id, reversed_in_month, true, -billed_cost_amount,
            -effective_cost_amount
        from fct_cost_statement_rows
        where reversed_in_month is not null
    ),

    chosen as (
        select * from postings
        where {condition}
    )

    select
        *,
        count(*) over pool as rows_of_pool,
        sum(billed) over before as billed_net,
        sum(abs(billed)) over before as billed_gross,
        sum(effective) over before as effective_net,
        sum(abs(effective)) over before as effective_gross,
        sum(billed) over pool as pool_billed_net,
        sum(abs(billed)) over pool as pool_billed_gross,
        sum(effective) over pool as pool_effective_net,
        sum(abs(effective)) over pool as pool_effective_gross
    from chosen
    window
        pool as (partition by pool_id),
        before as (
            partition by pool_id order by landed_file, line_number
            rows between unbounded preceding and 1 preceding
        )
"""
"""What is posted for a pool or a month, with what the rows before each come to in its pool."""


@dataclass(frozen=True)
class Part:
    """What one bears of a pool, or nobody for a reason: `tenant_id` is null or `IDLE` then.

    Amounts are in the currency of the pool, the quantity in the unit of the driver. `key` tells
    parts of a pool apart and gives their order.
    """

    pool_id: str
    cost_allocation_id: str | None
    tenant_id: str | None
    pack_id: str | None
    capability_id: str | None
    share_path: str | None
    reason: str | None
    driver: str | None
    driver_quantity: Decimal | None
    share_ratio: Decimal | None
    billed_cost_amount: Decimal
    effective_cost_amount: Decimal

    @property
    def key(self) -> str:
        return "|".join(
            text or "" for text in (self.share_path, self.tenant_id, self.pack_id, self.reason)
        )


@dataclass(frozen=True)
class Cost:
    """An amount on both bases, in one currency."""

    billed: Decimal = Decimal(0)
    effective: Decimal = Decimal(0)

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(
            EXACT.add(self.billed, other.billed), EXACT.add(self.effective, other.effective)
        )

    def __sub__(self, other: "Cost") -> "Cost":
        return Cost(
            EXACT.subtract(self.billed, other.billed),
            EXACT.subtract(self.effective, other.effective),
        )


class PoolSplit:
    """How rows of a pool are split over its parts. Raises ValueError where these do not add up.

    `row` is any row of the pool out of `ROWS`: it knows what all of them come to.
    """

    def __init__(self, parts: Sequence[Part], row: Mapping[str, Any]) -> None:
        billed = {part.key: part.billed_cost_amount for part in parts}
        effective = {part.key: part.effective_cost_amount for part in parts}
        # Where rows cancel out on one basis, the other says who uses the pool.
        self._billed = RowSplit(billed, running(row, "pool_billed"), _sizes(effective))
        self._effective = RowSplit(effective, running(row, "pool_effective"), _sizes(billed))

    def of_row(self, row: Mapping[str, Any]) -> dict[str, Cost]:
        """The parts of a row by key of the pool's part."""
        billed = self._billed.of_row(row["billed"], running(row, "billed"))
        effective = self._effective.of_row(row["effective"], running(row, "effective"))
        return {key: Cost(billed[key], effective[key]) for key in billed}


def _sizes(amounts: Mapping[str, Decimal]) -> dict[str, Decimal]:
    return {key: amount.copy_abs() for key, amount in amounts.items()}


def running(row: Mapping[str, Any], basis: str) -> Running:
    return Running(row[f"{basis}_net"] or Decimal(0), row[f"{basis}_gross"] or Decimal(0))


def read_parts(
    connection: duckdb.DuckDBPyConnection, condition: str, key: object
) -> dict[str, list[Part]]:
    """By pool, all that `OF_POOL` or `OF_MONTH` is true for."""
    found: dict[str, list[Part]] = {}
    for row in named(connection, PARTS.format(condition=condition), key):
        found.setdefault(row["pool_id"], []).append(Part(**row))
    return found


def named(
    connection: duckdb.DuckDBPyConnection, query: str, *keys: object
) -> Iterator[dict[str, Any]]:
    """The rows of a query by the names of its columns, a few thousand at a time."""
    result = connection.execute(query, keys)
    names = [column[0] for column in result.description or ()]
    while rows := result.fetchmany(5000):
        yield from (dict(zip(names, row, strict=True)) for row in rows)
