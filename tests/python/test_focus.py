"""FOCUS statements as providers write them."""

import gzip
import json
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from python_ext import focus
from python_ext.errors import MeterhouseError

REAL_FILE = "focus_1.0_real_1000.csv.gz"


def read(folder: Path, *names: str) -> list[dict[str, str | int | None]]:
    return focus.read_rows(folder, names).read_all().to_pylist()


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


def test_parquet_gives_the_same_text_and_maps_become_json(tmp_path: Path) -> None:
    table = pa.table(
        {
            "BilledCost": pa.array([Decimal("0.000000000001")], pa.decimal128(38, 12)),
            "Tags": pa.array([[("env", "prod")]], pa.map_(pa.string(), pa.string())),
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    (row,) = read(tmp_path, "a.parquet")
    assert Decimal(str(row["BilledCost"])) == Decimal("0.000000000001")
    assert json.loads(str(row["Tags"])) == {"env": "prod"}


@pytest.mark.parametrize(
    "content",
    [b"BilledCost,Tags\n1,2\n1,2,3\n", b"BilledCost,Tags\n1,\xff\xfe\n"],
    ids=["a_row_longer_than_the_header", "bytes_that_are_not_utf_8"],
)
def test_rows_that_cannot_be_read_are_refused_with_the_file(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(MeterhouseError, match=r"a\.csv"):
        read(tmp_path, "a.csv")


def test_a_truncated_gzip_is_refused(tmp_path: Path, data_folder: Path) -> None:
    packed = (data_folder / REAL_FILE).read_bytes()
    assert gzip.decompress(packed)
    (tmp_path / "a.csv.gz").write_bytes(packed[: len(packed) // 2])
    with pytest.raises(MeterhouseError, match=r"a\.csv\.gz"):
        read(tmp_path, "a.csv.gz")
