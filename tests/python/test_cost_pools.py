"""Cost that a company states to itself, as rows of a statement."""

import gzip
import json
from pathlib import Path

import pytest

from python_ext import cost_pools, landing
from python_ext.errors import MeterhouseError

HEADER = "cost_month,cost_category,amount,currency_code"
STAMPED = "cost_pools/landed=20260205T060000Z"


def read(folder: Path, *names: str) -> list[dict[str, str | int | None]]:
    return [row for batch in cost_pools.read_rows(folder, names) for row in batch.to_pylist()]


def read_text(folder: Path, text: str) -> list[dict[str, str | int | None]]:
    (folder / "a.csv").write_text(text)
    return read(folder, "a.csv")


def test_a_row_is_a_row_of_the_companys_statement_to_itself(tmp_path: Path) -> None:
    (row,) = read_text(tmp_path, f"{HEADER}\n2025-12,support,1234.000000000001,EUR\n")
    assert {key: cell for key, cell in row.items() if cell is not None} == {
        "landed_file": "a.csv",
        "line_number": 1,
        "ProviderName": "(internal)",
        "BillingCurrency": "EUR",
        "BillingPeriodStart": "2025-12-01T00:00:00Z",
        "BillingPeriodEnd": "2026-01-01T00:00:00Z",
        "ChargePeriodStart": "2025-12-01T00:00:00Z",
        "ChargePeriodEnd": "2026-01-01T00:00:00Z",
        "ChargeCategory": "Adjustment",
        "ServiceName": "support",
        "ServiceCategory": "Other",
        "BilledCost": "1234.000000000001",
        "EffectiveCost": "1234.000000000001",
        "Tags": '{"cost_category": "support"}',
        "other_columns": "{}",
    }


def test_source_pool_and_tenant_are_known_and_other_columns_are_kept(tmp_path: Path) -> None:
    text = (
        "note,amount,tenant_id,cost_month,pool,currency_code,source,cost_category\n"
        '"a, b", -5 ,acme-robotics,2025-02-01,oncall,USD,Payroll,support\n'
        ",5,,2025-02,,USD,,support\n"
    )
    named, plain = read_text(tmp_path, text)
    assert (named["ProviderName"], named["ServiceName"]) == ("Payroll", "oncall")
    assert (named["BilledCost"], named["ChargePeriodEnd"]) == ("-5", "2025-03-01T00:00:00Z")
    assert json.loads(str(named["Tags"])) == {
        "cost_category": "support",
        "pool": "oncall",
        "tenant_id": "acme-robotics",
    }
    assert json.loads(str(named["other_columns"])) == {"note": "a, b"}
    assert (plain["ProviderName"], plain["ServiceName"]) == ("(internal)", "support")
    assert json.loads(str(plain["other_columns"])) == {"note": None}


@pytest.mark.parametrize(
    "month", ["2025-13", "2025-00", "2025-1", "2025-02-02", "02/2025", "\u06602025-01", ""]
)
def test_a_month_that_is_none_is_handed_on_as_it_stands(tmp_path: Path, month: str) -> None:
    (row,) = read_text(tmp_path, f"{HEADER}\n{month},support,1,EUR\n")
    assert (row["ChargePeriodStart"], row["ChargePeriodEnd"]) == (month, month)


def test_an_amount_is_handed_on_as_it_stands_and_an_empty_one_is_null(tmp_path: Path) -> None:
    first, second = read_text(tmp_path, f'{HEADER}\n2025-01,support,"1,5",EUR\n2025-01,support,,\n')
    assert first["EffectiveCost"] == "1,5"
    assert (second["BilledCost"], second["BillingCurrency"]) == (None, None)


def test_blank_lines_are_no_rows_and_a_byte_order_mark_no_text(tmp_path: Path) -> None:
    text = f"\ufeff{HEADER}\r\n\r\n2025-01,support,1,EUR\r\n\n2025-01,overhead,2,EUR\n\n"
    rows = read_text(tmp_path, text)
    assert [(row["line_number"], row["ServiceName"]) for row in rows] == [
        (1, "support"),
        (2, "overhead"),
    ]


def test_a_packed_file_is_read_and_files_follow_one_another(tmp_path: Path) -> None:
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(f"{HEADER}\n2025-01,a,1,EUR\n".encode()))
    (tmp_path / "b.csv").write_text(f"{HEADER}\n")
    (tmp_path / "c.csv").write_text(f"{HEADER}\n2025-01,c,1,EUR")
    rows = read(tmp_path, "a.csv.gz", "b.csv", "c.csv")
    assert [(row["landed_file"], row["line_number"]) for row in rows] == [
        ("a.csv.gz", 1),
        ("c.csv", 1),
    ]
    assert read(tmp_path) == []


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (f"{HEADER}\n2025-01,a,1,EUR\n2025-01,a,1,EUR,more\n".encode(), "after row 2: 5 cells"),
        (f"{HEADER}\n2025-01,a,1\n".encode(), "after row 1: 3 cells under 4 columns"),
        (f'{HEADER}\n2025-01,"a,1,EUR\n'.encode(), "after row 0: unexpected end of data"),
        (f"{HEADER}\n2025-01,a,1,\xff\n".encode("latin-1"), "after row 0: .*utf-8"),
    ],
    ids=["longer", "shorter", "an_open_quote", "not_utf_8"],
)
def test_a_row_that_does_not_fit_is_refused_with_the_file(
    tmp_path: Path, content: bytes, told: str
) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(MeterhouseError, match=rf"a\.csv: {told}"):
        read(tmp_path, "a.csv")


@pytest.mark.parametrize("kept", [0.5, 0.9])
def test_a_damaged_gzip_is_refused_with_the_file(tmp_path: Path, kept: float) -> None:
    packed = gzip.compress((f"{HEADER}\n" + "2025-01,support,1,EUR\n" * 500).encode())
    (tmp_path / "a.csv.gz").write_bytes(packed[: int(len(packed) * kept)])
    with pytest.raises(MeterhouseError, match=r"a\.csv\.gz"):
        read(tmp_path, "a.csv.gz")


@pytest.mark.parametrize("missing", HEADER.split(","))
def test_a_file_without_a_column_is_refused_before_anything_is_built(
    tmp_path: Path, missing: str
) -> None:
    path = tmp_path / STAMPED / "a.csv"
    path.parent.mkdir(parents=True)
    path.write_text(f"{HEADER.replace(missing, 'x')}\n")
    with pytest.raises(MeterhouseError, match=f"no column {missing}") as raised:
        landing.take_stock(tmp_path, None, None)
    assert "cost_pools" in raised.value.remedy


def test_only_csv_lands_as_cost_pools(tmp_path: Path) -> None:
    path = tmp_path / STAMPED / "a.parquet"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"")
    with pytest.raises(MeterhouseError, match=r"cost_pools/ ends in one of \.csv, \.csv\.gz"):
        landing.list_files(tmp_path)
