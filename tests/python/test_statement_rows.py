"""Statement rows in their types, whatever types the files have."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from python_ext import statement_rows

Row = dict[str, Any]
NOON = datetime(2026, 5, 1, 12)
DATA = "focus_1.0_real_1000.csv.gz"


def read(folder: Path, *names: str) -> list[Row]:
    with duckdb.connect() as session:
        session.execute("set TimeZone = 'Asia/Tokyo'")
        rows = statement_rows.read(session, folder, names).to_arrow_table()
    return rows.sort_by([("landed_file", "ascending"), ("line_number", "ascending")]).to_pylist()


def read_parquet(folder: Path, columns: Mapping[str, Any]) -> list[Row]:
    (folder / "focus").mkdir(exist_ok=True)
    pq.write_table(pa.table(columns), folder / "focus" / "a.parquet")
    return read(folder, "focus/a.parquet")


def read_csv(folder: Path, header: str, *lines: str) -> list[Row]:
    (folder / "focus").mkdir(exist_ok=True)
    (folder / "focus" / "a.csv").write_text("\n".join((header, *lines)) + "\n")
    return read(folder, "focus/a.csv")


def test_the_real_statement_keeps_every_row_and_cent(data_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "focus").mkdir()
    (tmp_path / "focus" / DATA).write_bytes((data_folder / DATA).read_bytes())
    rows = read(tmp_path, f"focus/{DATA}")
    assert len(rows) == 1000
    assert sum(row["BilledCost"] for row in rows) == Decimal("20.520226728990")
    assert all(isinstance(row["ChargePeriodStart"], datetime) for row in rows)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("0.000000000001", "0.000000000001"),
        ("-5", "-5"),
        ("1e-12", "0.000000000001"),
        ("-99999999999999999999999999.999999999999", "-99999999999999999999999999.999999999999"),
        ("0.0000000000001", None),
        ("100000000000000000000000000", None),
        ('"1,5"', None),
        ("12 USD", None),
    ],
)
def test_a_cost_is_exact_or_null_and_then_its_text_is_kept(
    tmp_path: Path, text: str, amount: str | None
) -> None:
    (row,) = read_csv(tmp_path, "BilledCost,ServiceName", f"{text},s")
    assert row["BilledCost"] == (None if amount is None else Decimal(amount))
    assert row["BilledCostText"] == (text.strip('"') if amount is None else None)
    assert (row["EffectiveCost"], row["EffectiveCostText"]) == (None, None)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2025-04-30T23:30:00-01:00", datetime(2025, 5, 1, 0, 30)),
        ("2025-04-30 23:30:00", datetime(2025, 4, 30, 23, 30)),
        ("2025-04-30T23:30:00.5Z", datetime(2025, 4, 30, 23, 30, 0, 500000)),
        ("2025-04-30", datetime(2025, 4, 30)),
        ("4/1/25", None),
        ("yesterday", None),
        ("2025-02-30", None),
    ],
)
def test_an_instant_is_utc_where_it_has_no_zone_and_null_where_it_is_none(
    tmp_path: Path, text: str, instant: datetime | None
) -> None:
    (row,) = read_csv(tmp_path, "BillingPeriodEnd,BilledCost", f"{text},1")
    assert row["BillingPeriodEnd"] == instant


@pytest.mark.parametrize(
    ("type_", "text"),
    [
        (pa.decimal128(38, 12), "-99999999999999999999999999.999999999999"),
        (pa.decimal128(9, 2), "1.50"),
        (pa.decimal128(18, 0), "7"),
    ],
)
def test_decimals_that_fit_are_taken_as_they_are(
    tmp_path: Path, type_: pa.DataType, text: str
) -> None:
    (row,) = read_parquet(tmp_path, {"BilledCost": pa.array([Decimal(text)], type_)})
    assert (row["BilledCost"], row["BilledCostText"]) == (Decimal(text), None)


@pytest.mark.parametrize(
    ("cells", "amounts"),
    [
        (
            pa.array([Decimal("1.5"), Decimal("0.0000000000001")], pa.decimal128(38, 18)),
            [Decimal("1.5"), None],
        ),
        (
            pa.array([Decimal(10) ** 27, Decimal(10) ** 25], pa.decimal128(38, 2)),
            [None, Decimal(10) ** 25],
        ),
        (pa.array([0.1, float("nan")]), [Decimal("0.1"), None]),
        (pa.array([7, -7]), [Decimal(7), Decimal(-7)]),
        (pa.array(["7", "NULL"]), [Decimal(7), None]),
    ],
    ids=["more_decimals", "more_digits", "doubles", "integers", "text"],
)
def test_numbers_of_other_types_are_read_as_what_they_say(
    tmp_path: Path, cells: pa.Array, amounts: list[Decimal | None]
) -> None:
    rows = read_parquet(tmp_path, {"EffectiveCost": cells})
    assert [row["EffectiveCost"] for row in rows] == amounts


def test_instants_of_every_type_are_utc(tmp_path: Path) -> None:
    there = NOON.replace(tzinfo=UTC).astimezone(timezone(timedelta(hours=2)))
    (row,) = read_parquet(
        tmp_path,
        {
            "ChargePeriodStart": pa.array([there], pa.timestamp("us", "UTC")),
            "ChargePeriodEnd": pa.array([NOON], pa.timestamp("ns")),
            "BillingPeriodStart": pa.array([NOON], pa.timestamp("us")),
            "BillingPeriodEnd": pa.array([date(2026, 5, 1)], pa.date32()),
        },
    )
    assert row["ChargePeriodStart"] == row["ChargePeriodEnd"] == row["BillingPeriodStart"] == NOON
    assert row["BillingPeriodEnd"] == datetime(2026, 5, 1)


def test_an_instant_beyond_all_is_none(tmp_path: Path) -> None:
    beyond = pa.array([2**63 - 1, None], pa.int64()).cast(pa.timestamp("us"))
    rows = read_parquet(tmp_path, {"ChargePeriodStart": beyond})
    assert [row["ChargePeriodStart"] for row in rows] == [None, None]


def test_what_is_missing_is_null_and_what_is_unknown_is_kept(tmp_path: Path) -> None:
    (row,) = read_parquet(tmp_path, {"ServiceName": ["s"], "x_team": ["a"], "ListCost": ["9"]})
    assert {name: cell for name, cell in row.items() if cell is not None} == {
        "landed_file": "focus/a.parquet",
        "line_number": 1,
        "ServiceName": "s",
        "other_columns": '{"x_team":"a"}',
    }


def test_a_provider_goes_by_the_first_of_its_names(tmp_path: Path) -> None:
    rows = read_csv(
        tmp_path,
        "InvoiceIssuerName,ProviderName,ServiceProviderName,BilledCost",
        *("issuer,provider,service,1", "issuer,,service,1", "issuer,,,1", ",,,1"),
    )
    assert [row["ProviderName"] for row in rows] == ["provider", "service", "issuer", None]


def test_pools_of_a_company_are_rows_among_the_others(tmp_path: Path) -> None:
    (tmp_path / "cost_pools").mkdir()
    (tmp_path / "cost_pools" / "a.csv").write_text(
        "cost_month,cost_category,amount,currency_code\n2026-02,support,5.5,USD\n2026-13,support,x,USD\n"
    )
    good, bad = read(tmp_path, "cost_pools/a.csv")
    assert (good["BilledCost"], good["ChargePeriodEnd"]) == (Decimal("5.5"), datetime(2026, 3, 1))
    assert (bad["EffectiveCost"], bad["EffectiveCostText"]) == (None, "x")
    assert bad["ChargePeriodStart"] is None


COSTS = st.decimals(
    allow_nan=False, allow_infinity=False, places=12, min_value=-(10**20), max_value=10**20
)
INSTANTS = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1))


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(st.none() | COSTS, st.none() | INSTANTS), min_size=1, max_size=20))
def test_a_typed_file_and_the_same_as_text_are_the_same_rows(
    tmp_path: Path, rows: list[tuple[Decimal | None, datetime | None]]
) -> None:
    costs, instants = zip(*rows, strict=True)
    typed = read_parquet(
        tmp_path,
        {
            "BilledCost": pa.array(costs, pa.decimal128(38, 12)),
            "ChargePeriodStart": pa.array(instants, pa.timestamp("us")),
        },
    )
    written = read_parquet(
        tmp_path,
        {
            "BilledCost": pa.array([None if cost is None else f"{cost:f}" for cost in costs]),
            "ChargePeriodStart": pa.array([at and at.isoformat() + "Z" for at in instants]),
        },
    )
    for column in ("BilledCost", "ChargePeriodStart"):
        assert [row[column] for row in typed] == [row[column] for row in written]
