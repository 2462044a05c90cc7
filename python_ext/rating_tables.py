"""Arrow tables in, Arrow tables out: what the Python models of rating call.

Each function turns rows into the values of one pure function and its result back into rows, with
quantities as DECIMAL(22, 9) and amounts as DECIMAL(38, 18), so that no digit is lost.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import pyarrow as pa

from python_ext.drawdown import Grant, Use, draw_down

QUANTITY = pa.decimal128(22, 9)
INSTANT = pa.timestamp("us")

MOVEMENTS = pa.schema(
    [
        ("grant_id", pa.string()),
        ("movement_number", pa.int32()),
        ("period_number", pa.int32()),
        ("contract_line_id", pa.string()),
        ("movement_type", pa.string()),
        ("quantity", QUANTITY),
        ("balance_quantity", QUANTITY),
        ("moved_at", INSTANT),
        ("period_ends_at", INSTANT),
    ]
)


def grants_drawn(grants: pa.Table, hours: pa.Table, as_of: pa.Table) -> pa.Table:
    """The ledger of `grants` (stg_catalogue__unit_grants) as `MOVEMENTS`.

    `hours` has contract_line_id, contract_id, meter_id, pack_id, hour_start_at and
    exceeding_quantity; `as_of` is dim_as_of. Before anything has landed there is no as-of instant,
    and nothing has happened yet.
    """
    as_of_at = _as_of_at(as_of)
    if as_of_at is None:
        return MOVEMENTS.empty_table()
    drawdown = draw_down(
        (
            Grant(
                grant_id=row["grant_id"],
                account_id=row["contract_id"],
                quantity=row["quantity"],
                effective_at=row["effective_at"],
                expires_at=row["expires_at"],
                priority=row["priority"],
                kind=row["grant_kind"],
                recurrence=row["recurrence"],
                rollover_limit=row["rollover_limit_quantity"],
                recorded_at=row["recorded_at"],
                meter_ids=frozenset(_listed(row["meter_ids"])),
                pack_ids=frozenset(_listed(row["pack_ids"])),
            )
            for row in grants.to_pylist()
        ),
        (
            Use(
                use_id=row["contract_line_id"],
                account_id=row["contract_id"],
                at=row["hour_start_at"],
                quantity=row["exceeding_quantity"],
                meter_id=row["meter_id"],
                pack_id=row["pack_id"],
            )
            for row in hours.to_pylist()
        ),
        as_of_at,
    )
    return _table(
        MOVEMENTS,
        (
            {
                "grant_id": movement.grant_id,
                "movement_number": movement.number,
                "period_number": movement.period,
                "contract_line_id": movement.use_id,
                "movement_type": movement.movement_type,
                "quantity": movement.quantity,
                "balance_quantity": movement.balance,
                "moved_at": movement.at,
                "period_ends_at": movement.ends_at,
            }
            for movement in drawdown.movements
        ),
    )


def _as_of_at(as_of: pa.Table) -> datetime | None:
    instant: datetime | None = as_of["as_of_at"][0].as_py()
    return instant


def _listed(text: str | None) -> list[str]:
    return text.split("|") if text else []


def _table(schema: pa.Schema, rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=schema)
