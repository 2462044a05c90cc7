"""The audit feed as NDJSON: what operators load into their switchboard."""

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

import duckdb

from python_ext.errors import MeterhouseError

QUERY = "select * from rpt_audit_feed order by acted_at, act_id"


def lines(published: Path) -> Iterator[str]:
    """One JSON object a line for each row of the audit feed in the marts file, oldest act first.

    Decimals are text without trailing zeros, exact; instants are ISO 8601 with Z; what is not
    known is null. Raises MeterhouseError where there is no such file or no feed in it.
    """
    if not published.is_file():
        raise MeterhouseError(str(published), "nothing is published there", "run meterhouse build")
    with closing(duckdb.connect(published, read_only=True)) as connection:
        try:
            cursor = connection.execute(QUERY)
        except duckdb.CatalogException:
            raise MeterhouseError(
                str(published), "it holds no audit feed", "build and publish again"
            ) from None
        names = [column[0] for column in cursor.description or ()]
        while rows := cursor.fetchmany(1000):
            for row in rows:
                entry = {name: _plain(value) for name, value in zip(names, row, strict=True)}
                yield json.dumps(entry, ensure_ascii=False, separators=(",", ":")) + "\n"


def write(published: Path, stream: IO[str]) -> int:
    """Write the feed to `stream`; returns the number of lines."""
    count = 0
    for line in lines(published):
        stream.write(line)
        count += 1
    return count


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, datetime):
        return value.isoformat() + "Z"
    if isinstance(value, date):
        return value.isoformat()
    return value
