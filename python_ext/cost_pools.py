"""Cost that no provider bills: support, development, sales and marketing, overhead by month.

A company's statement to itself: each row becomes a row of a cost and usage statement, so that it
is mapped, allocated and reconciled like any other. A value that cannot be read is handed on as it
stands, and the models refuse the row with a reason.
"""

import csv
import gzip
import json
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
from duckdb.sqltypes import VARCHAR

from python_ext import focus
from python_ext.errors import MeterhouseError
from python_ext.landing import NEEDED_COLUMNS
from python_ext.sql_text import quoted

COLUMNS = NEEDED_COLUMNS["cost_pools"][2]

TAGS = ("cost_category", "pool", "tenant_id")
"""Columns that mapping rules find as tags."""

SOURCE = "(internal)"
"""Who states a row that names no `source`; cost mapping rules know it as the provider."""

MONTH = re.compile(r"(\d{4})-(\d\d)(?:-01)?", re.ASCII)


def read_rows(landing: Path, names: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """The rows of files of cost pools as batches of `focus.ROWS_SCHEMA`, a batch a file.

    `line_number` counts data rows from 1. `cost_month` is `YYYY-MM` or its first day; `amount` is
    both billed and effective cost. Columns besides `COLUMNS`, `source`, `pool` and `tenant_id` are
    kept in `other_columns`. Raises MeterhouseError for a damaged gzip, a row that does not fit
    the header and a file that is not UTF-8.
    """
    for name in names:
        yield pa.RecordBatch.from_pylist(list(_file_rows(landing / name, name)), focus.ROWS_SCHEMA)


def _file_rows(path: Path, name: str) -> Iterator[dict[str, object]]:
    number = 0
    try:
        with (
            gzip.open(path, "rt", encoding="utf-8-sig", newline="")
            if path.suffix == ".gz"
            else path.open(encoding="utf-8-sig", newline="")
        ) as stream:
            reader = csv.reader(stream, strict=True)
            header = next(reader)
            for cells in reader:
                if not cells:
                    continue
                number += 1
                if len(cells) != len(header):
                    raise csv.Error(f"{len(cells)} cells under {len(header)} columns")
                row = dict(zip(header, (cell.strip() for cell in cells), strict=True))
                yield {"landed_file": name, "line_number": number, **_as_focus(row)}
    except (csv.Error, UnicodeDecodeError, EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise MeterhouseError(
            str(path),
            f"after row {number}: {error}",
            "write it as CSV UTF-8 with one header, and land that",
        ) from error


def _as_focus(row: Mapping[str, str]) -> dict[str, object]:
    start, end = _month(row["cost_month"])
    tags = {key: row[key] for key in TAGS if row.get(key)}
    known = {*COLUMNS, *TAGS, "source"}
    others = {key: text or None for key, text in row.items() if key not in known}
    return {
        "ProviderName": row.get("source") or SOURCE,
        "BillingCurrency": row["currency_code"] or None,
        "BillingPeriodStart": start,
        "BillingPeriodEnd": end,
        "ChargePeriodStart": start,
        "ChargePeriodEnd": end,
        "ChargeCategory": "Adjustment",
        "ServiceName": row.get("pool") or row["cost_category"] or None,
        "ServiceCategory": "Other",
        "BilledCost": row["amount"] or None,
        "EffectiveCost": row["amount"] or None,
        "Tags": json.dumps(tags, sort_keys=True) if tags else None,
        "other_columns": json.dumps(others, sort_keys=True),
    }


def _month(text: str) -> tuple[str, str]:
    """The instants at which a month starts and ends; a text that is no month twice as it stands."""
    found = MONTH.fullmatch(text)
    if not found or not 1 <= int(found[2]) <= 12:
        return text, text
    year, month = int(found[1]), int(found[2])
    following = (year + 1, 1) if month == 12 else (year, month + 1)
    return f"{year:04}-{month:02}-01T00:00:00Z", f"{following[0]:04}-{following[1]:02}-01T00:00:00Z"


def statement_parts(
    session: duckdb.DuckDBPyConnection, landing: Path, names: Sequence[str]
) -> list[focus.Part]:
    """The rows of files of `focus/` and `cost_pools/` by what they have in common.

    Can be read once; raises as `focus.parts` and `read_rows` do.
    """
    pools = read_rows(landing, [name for name in names if not name.startswith("focus/")])
    batches = pa.RecordBatchReader.from_batches(focus.ROWS_SCHEMA, pools)
    columns = {column: (quoted(column), VARCHAR) for column in focus.FOCUS_COLUMNS}
    rows = session.from_arrow(batches)
    return [
        *focus.parts(session, landing, [name for name in names if name.startswith("focus/")]),
        focus.Part(rows, "landed_file", "line_number", columns, "other_columns"),
    ]


def read_statements(
    session: duckdb.DuckDBPyConnection, landing: Path, names: Sequence[str]
) -> duckdb.DuckDBPyRelation:
    """The rows of files of `focus/` and `cost_pools/`, as `focus.as_written` gives them."""
    parts = statement_parts(session, landing, names)
    return focus.stacked([focus.as_written(part) for part in parts])
