"""Arrow tables in, Arrow tables out: what the Python models of rating call.

Each function turns rows into the values of one pure function and its result back into rows, with
quantities as DECIMAL(22, 9) and amounts as DECIMAL(38, 18), so that no digit is lost.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import pyarrow as pa

from python_ext.drawdown import Grant, Use, draw_down
from python_ext.pooling import Member, Terms, share_pools
from python_ext.rebates import Month, YearTier, reprice
from python_ext.tier_ladder import Tier
from python_ext.time_of_day import Commitment, Spent, draw_windows

QUANTITY = pa.decimal128(22, 9)
AMOUNT = pa.decimal128(38, 18)
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

SHARES = pa.schema(
    [
        ("contract_line_id", pa.string()),
        ("pooled_quantity", QUANTITY),
        ("pooled_amount", AMOUNT),
        ("attributed_amount", AMOUNT),
        ("alone_amount", AMOUNT),
    ]
)

REPRICINGS = pa.schema(
    [
        ("rebate_id", pa.string()),
        ("tier_number", pa.int32()),
        ("booked_month", pa.date32()),
        ("period_month", pa.date32()),
        ("billable_quantity", QUANTITY),
        ("former_amount", AMOUNT),
        ("new_amount", AMOUNT),
    ]
)

WINDOWS = pa.schema(
    [
        ("commitment_id", pa.string()),
        ("window_start_at", INSTANT),
        ("window_end_at", INSTANT),
        ("is_closed", pa.bool_()),
        ("used_quantity", QUANTITY),
        ("committed_quantity", QUANTITY),
        ("drawn_quantity", QUANTITY),
        ("shortfall_quantity", QUANTITY),
        ("used_amount", AMOUNT),
        ("committed_amount", AMOUNT),
        ("drawn_amount", AMOUNT),
        ("shortfall_amount", AMOUNT),
    ]
)


def grants_drawn(grants: pa.Table, hours: pa.Table, as_of: pa.Table) -> pa.Table:
    """The ledger of `grants` (dim_unit_grants) as `MOVEMENTS`.

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


def pools_shared(lines: pa.Table, tiers: pa.Table) -> pa.Table:
    """What each of `lines` (int_rating__lines_pooled) bears of its pool, as `SHARES`.

    `tiers` is fct_plan_tiers, by plan line and currency.
    """
    ladders: dict[tuple[str, str], list[Tier]] = defaultdict(list)
    for row in tiers.to_pylist():
        ladders[row["plan_line_id"], row["currency_code"]].append(
            Tier(
                row["above_quantity"], row["up_to_quantity"], row["unit_price"], row["flat_amount"]
            )
        )
    pooled = lines.to_pylist()
    terms = {
        row["pool_id"]: Terms(
            row["charge_model"],
            tuple(ladders[row["plan_line_id"], row["currency_code"]]),
            row["package_size"],
        )
        for row in pooled
    }
    members = (
        Member(row["pool_id"], row["contract_line_id"], row["billable_quantity"]) for row in pooled
    )
    return _table(
        SHARES,
        (
            {
                "contract_line_id": share.line_id,
                "pooled_quantity": share.pooled_quantity,
                "pooled_amount": share.pooled_amount,
                "attributed_amount": share.attributed_amount,
                "alone_amount": share.alone_amount,
            }
            for share in share_pools(terms, members)
        ),
    )


def rebates_repriced(rebates: pa.Table, months: pa.Table) -> pa.Table:
    """The changes that `rebates` (dim_volume_rebates) make, as `REPRICINGS`.

    `months` is int_rating__months_rebated.
    """
    ladders: dict[str, list[YearTier]] = defaultdict(list)
    for row in rebates.to_pylist():
        ladders[row["rebate_id"]].append(
            YearTier(row["tier_number"], row["above_quantity"], row["unit_price"])
        )
    found = reprice(
        ladders,
        (
            Month(
                row["rebate_id"], row["period_month"], row["billable_quantity"], row["net_amount"]
            )
            for row in months.to_pylist()
        ),
    )
    return _table(
        REPRICINGS,
        (
            {
                "rebate_id": change.rebate_id,
                "tier_number": change.tier_number,
                "booked_month": change.booked_month,
                "period_month": change.month,
                "billable_quantity": change.quantity,
                "former_amount": change.former_amount,
                "new_amount": change.new_amount,
            }
            for change in found
        ),
    )


def windows_drawn(commitments: pa.Table, hours: pa.Table, as_of: pa.Table) -> pa.Table:
    """The windows of `commitments` (dim_time_of_day_commitments), as `WINDOWS`.

    `hours` is int_rating__hours_committed; `as_of` is dim_as_of.
    """
    as_of_at = _as_of_at(as_of)
    if as_of_at is None:
        return WINDOWS.empty_table()
    windows = draw_windows(
        (
            Commitment(
                commitment_id=row["commitment_id"],
                time_zone=row["time_zone"],
                from_hour=row["from_hour"],
                to_hour=row["to_hour"],
                start=row["start_date"],
                end=row["end_date"],
                unit_price=row["unit_price"],
                quantity=row["committed_quantity"],
                amount=row["committed_amount"],
                weekdays=frozenset(_listed(row["weekdays"])),
            )
            for row in commitments.to_pylist()
        ),
        (
            Spent(row["commitment_id"], row["hour_start_at"], row["quantity"])
            for row in hours.to_pylist()
        ),
        as_of_at,
    )
    return _table(
        WINDOWS,
        (
            {
                "commitment_id": window.commitment_id,
                "window_start_at": window.starts_at,
                "window_end_at": window.ends_at,
                "is_closed": window.is_closed,
                "used_quantity": window.used_quantity,
                "committed_quantity": window.committed_quantity,
                "drawn_quantity": window.drawn_quantity,
                "shortfall_quantity": window.shortfall_quantity,
                "used_amount": window.used_amount,
                "committed_amount": window.committed_amount,
                "drawn_amount": window.drawn_amount,
                "shortfall_amount": window.shortfall_amount,
            }
            for window in windows
        ),
    )


def _as_of_at(as_of: pa.Table) -> datetime | None:
    instant: datetime | None = as_of["as_of_at"][0].as_py()
    return instant


def _listed(text: str | None) -> list[str]:
    return text.split("|") if text else []


def _table(schema: pa.Schema, rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=schema)
