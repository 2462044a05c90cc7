"""Arrow tables in, Arrow tables out: what the Python models of invoicing call.

Amounts are at the minor unit of their currency, as DECIMAL(22, 4).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa

from python_ext.coupons import Coupon, Draft, take_off
from python_ext.wallet import Credit, Drawn, Payable, settle, spread

AMOUNT = pa.decimal128(22, 4)
INSTANT = pa.timestamp("us")

PARTS = pa.schema(
    [
        ("billing_period_id", pa.string()),
        ("coupon_id", pa.string()),
        ("coupon_sequence", pa.int32()),
        ("line_number", pa.int64()),
        ("coupon_amount", AMOUNT),
    ]
)

CREDITED = pa.schema(
    [("billing_period_id", pa.string()), ("charge_id", pa.string()), ("credit_amount", AMOUNT)]
)

MOVEMENTS = pa.schema(
    [
        ("grant_id", pa.string()),
        ("movement_number", pa.int32()),
        ("movement_type", pa.string()),
        ("billing_period_id", pa.string()),
        ("amount", AMOUNT),
        ("balance_amount", AMOUNT),
        ("moved_at", INSTANT),
    ]
)


def coupons_applied(lines: pa.Table) -> pa.Table:
    """The parts that coupons take off drafts, as `PARTS`.

    `lines` (int_invoicing__coupons_matched) has a row for each line and coupon that is for it.
    """
    coupons: dict[str, Coupon] = {}
    drafts: dict[str, Mapping[str, Any]] = {}
    amounts: dict[str, dict[int, Decimal]] = defaultdict(dict)
    targets: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for row in lines.to_pylist():
        draft_id, number = row["billing_period_id"], row["line_number"]
        drafts[draft_id] = row
        amounts[draft_id][number] = row["amount"]
        targets[draft_id][row["coupon_id"]].add(number)
        coupons[row["coupon_id"]] = Coupon(
            coupon_id=row["coupon_id"],
            scope=row["coupon_scope"],
            recorded_at=row["recorded_at"],
            amount=row["fixed_amount"],
            ratio=row["coupon_ratio"],
            period_count=row["left_period_count"],
        )
    parts = take_off(
        coupons.values(),
        (
            Draft(
                draft_id,
                row["period_start_at"],
                _step(row),
                amounts[draft_id],
                {coupon: frozenset(numbers) for coupon, numbers in targets[draft_id].items()},
            )
            for draft_id, row in drafts.items()
        ),
    )
    return _table(
        PARTS,
        (
            {
                "billing_period_id": part.draft_id,
                "coupon_id": part.coupon_id,
                "coupon_sequence": part.sequence,
                "line_number": part.line_number,
                "coupon_amount": part.amount,
            }
            for part in parts
        ),
    )


def credits_before_tax(
    grants: pa.Table, lines: pa.Table, issued: pa.Table, as_of: pa.Table
) -> pa.Table:
    """What credits pay of each line whose contract is settled before tax, as `CREDITED`.

    `grants` is fct_wallet_grants, `lines` int_invoicing__lines_discounted, `issued` the draws of
    issued documents (int_invoicing__credits_issued), `as_of` dim_as_of.
    """
    as_of_at = _as_of_at(as_of)
    if as_of_at is None:
        return CREDITED.empty_table()
    credits, payables = _credits(grants), _payables(lines)
    paid = spread(credits, payables, settle(credits, payables, as_of_at, _facts(issued)))
    return _table(
        CREDITED,
        (
            {"billing_period_id": draft_id, "charge_id": charge_id, "credit_amount": amount}
            for (draft_id, charge_id), amount in paid.items()
        ),
    )


def credits_drawn(grants: pa.Table, lines: pa.Table, issued: pa.Table, as_of: pa.Table) -> pa.Table:
    """The ledger of all wallets, as `MOVEMENTS`.

    `grants` is fct_wallet_grants, `lines` int_invoicing__lines_payable, `issued` the draws of
    issued documents (int_invoicing__credits_issued), `as_of` dim_as_of.
    """
    as_of_at = _as_of_at(as_of)
    if as_of_at is None:
        return MOVEMENTS.empty_table()
    return _table(
        MOVEMENTS,
        (
            {
                "grant_id": movement.grant_id,
                "movement_number": movement.number,
                "movement_type": movement.movement_type,
                "billing_period_id": movement.use_id,
                "amount": movement.quantity,
                "balance_amount": movement.balance,
                "moved_at": movement.at,
            }
            for movement in settle(_credits(grants), _payables(lines), as_of_at, _facts(issued))
        ),
    )


def _facts(issued: pa.Table) -> list[Drawn]:
    return [
        Drawn(row["grant_id"], row["billing_period_id"], row["drawn_at"], row["amount"])
        for row in issued.to_pylist()
    ]


def _credits(grants: pa.Table) -> list[Credit]:
    return [
        Credit(
            grant_id=row["grant_id"],
            tenant_id=row["tenant_id"],
            contract_id=row["contract_id"],
            currency_code=row["currency_code"],
            amount=row["amount"],
            effective_at=row["effective_at"],
            expires_at=row["expires_at"],
            priority=row["priority"],
            kind=row["grant_kind"],
            recorded_at=row["recorded_at"],
            line_types=frozenset(row["line_types"].split("|") if row["line_types"] else ()),
        )
        for row in grants.to_pylist()
    ]


def _payables(lines: pa.Table) -> list[Payable]:
    """The drafts of `lines`; one with a line of which the tax is unknown is not paid."""
    drafts: dict[str, Mapping[str, Any]] = {}
    amounts: dict[str, dict[str, tuple[str, Decimal]]] = defaultdict(dict)
    unknown = set[str]()
    for row in lines.to_pylist():
        if row["payable_amount"] is None:
            unknown.add(row["billing_period_id"])
            continue
        drafts[row["billing_period_id"]] = row
        what = row["line_type"], row["payable_amount"]
        amounts[row["billing_period_id"]][row["charge_id"]] = what
    return [
        Payable(
            draft_id=draft_id,
            tenant_id=row["tenant_id"],
            contract_id=row["contract_id"],
            currency_code=row["currency_code"],
            bills_at=row["bills_at"],
            step=_step(row),
            lines=amounts[draft_id],
        )
        for draft_id, row in drafts.items()
        if draft_id not in unknown
    ]


def _step(row: Mapping[str, Any]) -> Decimal:
    return Decimal(1).scaleb(-row["minor_unit"])


def _as_of_at(as_of: pa.Table) -> datetime | None:
    instant: datetime | None = as_of["as_of_at"][0].as_py()
    return instant


def _table(schema: pa.Schema, rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=schema)
