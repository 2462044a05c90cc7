"""What goes through Arrow keeps its digits, and nothing comes of nothing."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from python_ext import invoicing_tables

NOTHING = pa.table({})
AS_OF = pa.table({"as_of_at": pa.array([datetime(2026, 3, 5)], pa.timestamp("us"))})
NEVER = pa.table({"as_of_at": pa.array([None], pa.timestamp("us"))})

GRANT: dict[str, Any] = {
    "grant_id": "g",
    "tenant_id": "t",
    "contract_id": None,
    "currency_code": "KWD",
    "grant_kind": "purchased",
    "line_types": "fee|usage",
    "priority": 1,
    "amount": Decimal("123456789012345678.9010"),
    "effective_at": datetime(2026, 1, 1),
    "expires_at": datetime(9999, 12, 31),
    "recorded_at": datetime(2026, 1, 1),
}
LINE: dict[str, Any] = {
    "billing_period_id": "b",
    "charge_id": "x",
    "tenant_id": "t",
    "contract_id": "c",
    "currency_code": "KWD",
    "minor_unit": 3,
    "line_type": "fee",
    "payable_amount": Decimal("0.001"),
    "bills_at": datetime(2026, 3, 1),
}


@pytest.mark.parametrize("as_of", [AS_OF, NEVER], ids=["landed", "nothing landed"])
def test_no_rows_make_a_table_without_rows_and_with_its_columns(as_of: pa.Table) -> None:
    for found, schema in (
        (invoicing_tables.coupons_applied(NOTHING), invoicing_tables.PARTS),
        (
            invoicing_tables.credits_before_tax(NOTHING, NOTHING, NOTHING, as_of),
            invoicing_tables.CREDITED,
        ),
        (
            invoicing_tables.credits_drawn(NOTHING, NOTHING, NOTHING, as_of),
            invoicing_tables.MOVEMENTS,
        ),
    ):
        assert found.schema == schema
        assert found.num_rows == 0


def test_a_draft_with_a_line_that_is_unknown_is_not_paid() -> None:
    grants = pa.Table.from_pylist([GRANT])
    unknown = LINE | {"charge_id": "y", "payable_amount": None}
    other = LINE | {"billing_period_id": "a", "line_type": "usage"}
    lines = pa.Table.from_pylist([LINE, unknown, other])
    granted, drawn = invoicing_tables.credits_drawn(grants, lines, NOTHING, AS_OF).to_pylist()
    assert granted["amount"] == GRANT["amount"]
    assert drawn == {
        "grant_id": "g",
        "movement_number": 2,
        "movement_type": "draw",
        "billing_period_id": "a",
        "amount": Decimal("-0.001"),
        "balance_amount": Decimal("123456789012345678.9000"),
        "moved_at": AS_OF["as_of_at"][0].as_py(),
    }
    paid = invoicing_tables.credits_before_tax(
        grants, pa.Table.from_pylist([other]), NOTHING, AS_OF
    )
    assert paid.to_pylist() == [
        {"billing_period_id": "a", "charge_id": "x", "credit_amount": Decimal("0.001")}
    ]


def test_what_a_document_drew_is_drawn_first() -> None:
    grants = pa.Table.from_pylist([GRANT | {"amount": Decimal("0.001")}])
    issued = {
        "grant_id": "g",
        "billing_period_id": "issued",
        "amount": Decimal("0.001"),
        "drawn_at": datetime(2026, 3, 3),
    }
    tables = grants, pa.Table.from_pylist([LINE]), pa.Table.from_pylist([issued])
    found = invoicing_tables.credits_drawn(*tables, AS_OF).to_pylist()
    assert [row["billing_period_id"] for row in found] == [None, "issued"]


def test_lines_of_a_coupon_are_taken_together() -> None:
    line = {
        "billing_period_id": "b",
        "coupon_id": "k",
        "line_number": 1,
        "coupon_scope": "line",
        "minor_unit": 0,
        "left_period_count": None,
        "coupon_ratio": None,
        "fixed_amount": Decimal("3.000000000"),
        "amount": Decimal("10.0000"),
        "recorded_at": datetime(2026, 1, 1),
        "period_start_at": datetime(2026, 3, 1),
    }
    lines = pa.Table.from_pylist([line, line | {"line_number": 2}])
    parts = invoicing_tables.coupons_applied(lines).to_pylist()
    assert [(part["line_number"], part["coupon_amount"]) for part in parts] == [(1, 2), (2, 1)]
