"""What goes through Arrow keeps its digits, and nothing comes of nothing."""

from datetime import date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest

from python_ext import rating_tables

NOTHING = pa.table({})
AS_OF = pa.table({"as_of_at": pa.array([datetime(2026, 3, 5)], pa.timestamp("us"))})
NEVER = pa.table({"as_of_at": pa.array([None], pa.timestamp("us"))})


@pytest.mark.parametrize("as_of", [AS_OF, NEVER], ids=["landed", "nothing landed"])
def test_no_rows_make_a_table_without_rows_and_with_its_columns(as_of: pa.Table) -> None:
    for found, schema in (
        (rating_tables.grants_drawn(NOTHING, NOTHING, as_of), rating_tables.MOVEMENTS),
        (rating_tables.pools_shared(NOTHING, NOTHING), rating_tables.SHARES),
        (rating_tables.rebates_repriced(NOTHING, NOTHING), rating_tables.REPRICINGS),
        (rating_tables.windows_drawn(NOTHING, NOTHING, as_of), rating_tables.WINDOWS),
    ):
        assert found.schema == schema
        assert found.num_rows == 0


def test_a_grant_is_not_in_force_before_anything_has_landed() -> None:
    grant = {
        "grant_id": "g",
        "contract_id": "c",
        "meter_ids": "m|n",
        "pack_ids": None,
        "grant_kind": "purchased",
        "quantity": Decimal("1234567890123.123456789"),
        "priority": 1,
        "effective_at": datetime(2026, 3, 1),
        "expires_at": datetime(9999, 12, 31),
        "recurrence": "none",
        "rollover_limit_quantity": Decimal(0),
        "recorded_at": datetime(2026, 2, 1),
    }
    hour = {
        "contract_line_id": "l",
        "contract_id": "c",
        "meter_id": "n",
        "pack_id": "p",
        "hour_start_at": datetime(2026, 3, 2, 5),
        "exceeding_quantity": Decimal("0.000000001"),
    }
    tables = pa.Table.from_pylist([grant]), pa.Table.from_pylist([hour, hour | {"meter_id": "o"}])
    assert rating_tables.grants_drawn(*tables, NEVER).num_rows == 0
    granted, drawn = rating_tables.grants_drawn(*tables, AS_OF).to_pylist()
    assert granted["quantity"] == grant["quantity"]
    assert drawn == {
        "grant_id": "g",
        "movement_number": 2,
        "period_number": 1,
        "contract_line_id": "l",
        "movement_type": "draw",
        "quantity": Decimal("-0.000000001"),
        "balance_quantity": Decimal("1234567890123.123456788"),
        "moved_at": datetime(2026, 3, 2, 5),
        "period_ends_at": datetime(9999, 12, 31),
    }


def test_amounts_keep_18_decimals() -> None:
    line = {
        "contract_line_id": "l",
        "pool_id": "p",
        "plan_line_id": "x",
        "currency_code": "USD",
        "charge_model": "volume",
        "package_size": None,
        "billable_quantity": Decimal("1.000000001"),
    }
    tier = {
        "plan_line_id": "x",
        "currency_code": "USD",
        "above_quantity": Decimal(0),
        "up_to_quantity": Decimal("9999999999999"),
        "unit_price": Decimal("0.000000001"),
        "flat_amount": Decimal(0),
    }
    tables = pa.Table.from_pylist([line]), pa.Table.from_pylist([tier])
    (share,) = rating_tables.pools_shared(*tables).to_pylist()
    assert share["attributed_amount"] == Decimal("0.000000001000000001")
    rebate = {"rebate_id": "r", "tier_number": 1, "above_quantity": Decimal(0)}
    month = {"rebate_id": "r", "period_month": date(2026, 1, 1), "net_amount": Decimal(1)}
    (change,) = rating_tables.rebates_repriced(
        pa.Table.from_pylist([rebate | {"unit_price": tier["unit_price"]}]),
        pa.Table.from_pylist([month | {"billable_quantity": line["billable_quantity"]}]),
    ).to_pylist()
    assert change["new_amount"] == Decimal("0.000000001000000001")
