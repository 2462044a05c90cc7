"""FOCUS statements as providers write them."""

import gzip
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from python_ext import cost_pools, focus
from python_ext.errors import MeterhouseError

REAL_FILE = "focus_1.0_real_1000.csv.gz"
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def read(folder: Path, *names: str) -> list[dict[str, str | int | None]]:
    with duckdb.connect() as session:
        session.execute("set TimeZone = 'Asia/Tokyo'")
        parts = [focus.as_written(part) for part in focus.parts(session, folder, names)]
        rows = focus.stacked(parts).to_arrow_table()
    assert rows.schema == focus.ROWS_SCHEMA
    return rows.sort_by([("landed_file", "ascending"), ("line_number", "ascending")]).to_pylist()


def read_parquet(folder: Path, columns: Mapping[str, Any]) -> list[dict[str, str | int | None]]:
    pq.write_table(pa.table(columns), folder / "a.parquet")
    return read(folder, "a.parquet")


def test_the_real_statement_loads_whole(data_folder: Path) -> None:
    rows = read(data_folder, REAL_FILE)
    assert len(rows) == 1000
    assert sum(Decimal(str(row["BilledCost"])) for row in rows) == Decimal("20.520226728990")
    assert [row["line_number"] for row in rows] == list(range(1, 1001))
    assert sum(row["Tags"] is not None for row in rows) == 711
    assert set(json.loads(str(rows[0]["other_columns"]))) == {"Id"}


def test_missing_columns_are_null_and_unknown_ones_are_kept(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        'BilledCost,x_team,Tags\n1.5,"a,b","{""k"": ""line\nbreak""}"\nNULL,,\nnull,Null,\n'
    )
    first, second, third = read(tmp_path, "a.csv")
    assert (first["BilledCost"], first["ServiceName"]) == ("1.5", None)
    assert first["Tags"] == '{"k": "line\nbreak"}'
    assert json.loads(str(first["other_columns"])) == {"x_team": "a,b"}
    assert (second["BilledCost"], second["Tags"]) == (None, None)
    assert (third["BilledCost"], json.loads(str(third["other_columns"]))) == (
        None,
        {"x_team": "Null"},
    )
    assert json.loads(str(second["other_columns"])) == {"x_team": None}


def test_names_of_columns_are_taken_as_they_stand(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("""BilledCost,billedcost,it's,"a ""b""\"\n1,2,3,4\n""")
    (row,) = read(tmp_path, "a.csv")
    assert row["BilledCost"] == "1"
    assert json.loads(str(row["other_columns"])) == {"billedcost": "2", "it's": "3", 'a "b"': "4"}


def test_files_of_many_headers_and_formats_are_read_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "focus" / "landed=20260601T000000Z" / "o'[1]*"
    folder.mkdir(parents=True)
    (folder / "a.csv").write_text("BilledCost\n1\n2\n")
    (folder / "b.csv").write_text("BilledCost\n3\n")
    (folder / "c.csv.gz").write_bytes(gzip.compress(b"Tags,BilledCost\n{},4\n"))
    amounts = pa.array([Decimal("5.00"), Decimal("6.00")], pa.decimal128(9, 2))
    pq.write_table(pa.table({"BilledCost": amounts}), folder / "d.parquet", row_group_size=1)
    pq.write_table(pa.table({"BilledCost": ["7"]}), folder / "e.parquet")
    pq.write_table(pa.table({"BilledCost": ["8"], "x_a": [1]}), folder / "f.parquet")
    names = [path.relative_to(tmp_path).as_posix() for path in sorted(folder.iterdir())]
    rows = read(tmp_path, *names)
    assert [(row["landed_file"], row["line_number"], row["BilledCost"]) for row in rows] == [
        (names[0], 1, "1"),
        (names[0], 2, "2"),
        (names[1], 1, "3"),
        (names[2], 1, "4"),
        (names[3], 1, "5.00"),
        (names[3], 2, "6.00"),
        (names[4], 1, "7"),
        (names[5], 1, "8"),
    ]
    assert [row["other_columns"] for row in rows] == ["{}"] * 7 + ['{"x_a":"1"}']


def test_no_files_give_no_rows(tmp_path: Path) -> None:
    with duckdb.connect() as session:
        rows = cost_pools.read_statements(session, tmp_path, []).to_arrow_table()
    assert rows.schema == focus.ROWS_SCHEMA
    assert rows.to_pylist() == []


def test_parquet_gives_the_same_text_and_maps_become_json(tmp_path: Path) -> None:
    (row,) = read_parquet(
        tmp_path,
        {
            "BilledCost": pa.array([Decimal("0.000000000001")], pa.decimal128(38, 12)),
            "Tags": pa.array([[("env", "prod")]], pa.map_(pa.string(), pa.string())),
        },
    )
    assert row["BilledCost"] == "0.000000000001"
    assert json.loads(str(row["Tags"])) == {"env": "prod"}


@pytest.mark.parametrize(
    ("type_", "text"),
    [
        (pa.decimal128(38, 12), "0.000000000000"),
        (pa.decimal128(38, 12), "-999999.999999999999"),
        (pa.decimal128(38, 12), "1000000.000000000001"),
        (pa.decimal128(38, 12), "-99999999999999999999999999.999999999999"),
        (pa.decimal128(38, 18), "-1.000000000000000001"),
        (pa.decimal128(38, 30), "1.000000000000000000000000000001"),
        (pa.decimal128(9, 0), "-12"),
    ],
)
def test_decimals_are_written_plainly_to_their_last_digit(
    tmp_path: Path, type_: pa.DataType, text: str
) -> None:
    (row,) = read_parquet(tmp_path, {"BilledCost": pa.array([Decimal(text)], type_)})
    assert row["BilledCost"] == text


def test_doubles_keep_all_that_they_say(tmp_path: Path) -> None:
    values = [0.1, 1e-12, 1.0, -2.5e300, 123456789.12345679]
    rows = read_parquet(tmp_path, {"BilledCost": values})
    assert [float(str(row["BilledCost"])) for row in rows] == values


def test_instants_are_written_in_utc_and_times_without_a_zone_as_they_are(tmp_path: Path) -> None:
    plus_two = timezone(timedelta(hours=2))
    (row,) = read_parquet(
        tmp_path,
        {
            "ChargePeriodStart": pa.array([NOON], pa.timestamp("us", "UTC")),
            "ChargePeriodEnd": pa.array([NOON.astimezone(plus_two)], pa.timestamp("ms", "+02:00")),
            "BillingPeriodStart": pa.array([NOON.replace(tzinfo=None)], pa.timestamp("us")),
            "BillingPeriodEnd": pa.array([NOON.date()], pa.date32()),
        },
    )
    assert row["ChargePeriodStart"] == row["ChargePeriodEnd"] == "2026-05-01T12:00:00.000000Z"
    assert row["BillingPeriodStart"] == "2026-05-01 12:00:00.000000"
    assert row["BillingPeriodEnd"] == "2026-05-01"


def test_text_is_the_same_however_parquet_holds_it(tmp_path: Path) -> None:
    texts = ["a", "é", "NULL", "", None]
    rows = read_parquet(
        tmp_path,
        {
            "ServiceName": pa.array(texts, pa.large_string()),
            "ServiceCategory": pa.array(texts, pa.string()).dictionary_encode(),
            "RegionId": pa.array([t and t.encode() for t in texts[:2]] + [None] * 3, pa.binary()),
            "x_team": texts,
        },
    )
    for column in ("ServiceName", "ServiceCategory", "RegionId"):
        assert [row[column] for row in rows] == ["a", "é", None, None, None]
    assert [json.loads(str(row["other_columns"]))["x_team"] for row in rows] == [
        *("a", "é", None, None, None)
    ]


def test_what_is_nested_is_json_with_its_keys_in_order(tmp_path: Path) -> None:
    maps = pa.map_(pa.string(), pa.string())
    deep = pa.map_(pa.string(), pa.struct([("z", pa.int64()), ("a", pa.bool_())]))
    rows = read_parquet(
        tmp_path,
        {
            "Tags": pa.array([[("b", 'x"y'), ("a", None)], [("a", "1"), ("b", "2")], []], maps),
            "SkuPriceDetails": [{"b": 1, "a": {"d": "é", "c": [2, 1]}}, None, None],
            "AllocatedTags": pa.array([[("k", {"z": 1, "a": True})], None, None], deep),
            "AllocatedMethodDetails": [[{"b": 1, "a": 2}], [], None],
            "x_labels": pa.array([[("b", "1"), ("a", "2")], None, []], maps),
        },
    )
    assert [row["Tags"] for row in rows] == ['{"a":null,"b":"x\\"y"}', '{"a":"1","b":"2"}', "{}"]
    assert [row["SkuPriceDetails"] for row in rows] == [
        *('{"a":{"c":[2,1],"d":"é"},"b":1}', None, None)
    ]
    assert [row["AllocatedTags"] for row in rows] == ['{"k":{"a":true,"z":1}}', None, None]
    assert [row["AllocatedMethodDetails"] for row in rows] == ['[{"a":2,"b":1}]', "[]", None]
    assert [json.loads(str(row["other_columns"]))["x_labels"] for row in rows] == [
        *('{"a":"2","b":"1"}', None, "{}")
    ]


@pytest.mark.parametrize(
    "content",
    [b"BilledCost,Tags\n1,2\n1,2,3\n", b"BilledCost,Tags\n1,\xff\xfe\n"],
    ids=["a_row_longer_than_the_header", "bytes_that_are_not_utf_8"],
)
def test_rows_that_cannot_be_read_are_refused_with_the_file(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(MeterhouseError, match=r"a\.csv: after row 0: "):
        focus.read_csv_rows(tmp_path, ["a.csv"], ["BilledCost", "Tags"]).read_all()
    with pytest.raises(duckdb.Error, match=r"a\.csv: after row 0: "):
        read(tmp_path, "a.csv")


def test_a_truncated_gzip_is_refused(tmp_path: Path, data_folder: Path) -> None:
    packed = (data_folder / REAL_FILE).read_bytes()
    assert gzip.decompress(packed)
    (tmp_path / "a.csv.gz").write_bytes(packed[: len(packed) // 2])
    with pytest.raises(duckdb.Error, match=r"a\.csv\.gz: after row"):
        read(tmp_path, "a.csv.gz")
    (tmp_path / "b.csv.gz").write_bytes(packed[:20])
    with pytest.raises(MeterhouseError, match=r"b\.csv\.gz: after row 0"):
        read(tmp_path, "b.csv.gz")
