"""Refused lines landed again, as a new batch, once what they were refused for is mended."""

import csv
import hashlib
import json
import os
from collections.abc import Collection, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from python_ext import landing
from python_ext.errors import MeterhouseError

MENDABLE = frozenset({"unknown_tenant", "unknown_category", "future_timestamp"})
"""Reasons that lie outside the line: a catalogue or time can mend them. Others stay with it."""

REFUSED = """
    select tenant_id, reasons, raw_line, event_at
    from fct_rejected_events
    where coalesce(event_id, '') not in (select event_id from fct_usage_events)
    order by landed_at, landed_file, line_number
"""


@dataclass(frozen=True)
class Refused:
    """A refused line, the reasons for it, and what they turn on."""

    tenant_id: str
    reasons: frozenset[str]
    raw_line: str
    event_at: datetime | None


def mended(
    lines: Iterable[Refused],
    tenants: Collection[str],
    categories: Collection[str],
    landed_at: datetime,
    tolerance: timedelta = timedelta(minutes=5),
) -> Iterator[str]:
    """The text of each line whose every reason is mended, once, in the order of `lines`.

    `landed_at` is the stamp of the new batch, beyond which by `tolerance` an event
    still is in the future.
    """
    seen: set[str] = set()
    for line in lines:
        if line.raw_line in seen or not line.reasons or line.reasons - MENDABLE:
            continue
        is_mended = {
            "unknown_tenant": line.tenant_id in tenants,
            "unknown_category": _category(line.raw_line) in categories,
            "future_timestamp": line.event_at is not None
            and line.event_at.replace(tzinfo=UTC) <= landed_at + tolerance,
        }
        if all(is_mended[reason] for reason in line.reasons):
            seen.add(line.raw_line)
            yield line.raw_line


def replay_rejected(
    folder: Path, database: Path, seeds: Path, landed_at: datetime | None
) -> tuple[Path, int] | None:
    """Land again what is mended, and return the new file and its lines; None where nothing is.

    Without `landed_at` the batch is stamped one second after the newest one in `folder`. The file
    is named by its content, so doing it twice lands it once. Raises MeterhouseError where there
    is no database to read refused lines from.
    """
    stamp = landed_at or next_stamp(folder)
    lines = list(
        mended(
            _refused(database),
            _column(seeds, "tenants.csv", "tenant_id"),
            _column(seeds, "event_categories.csv", "category"),
            stamp,
        )
    )
    if not lines:
        return None
    content = ("\n".join(lines) + "\n").encode()
    name = f"{hashlib.sha256(content).hexdigest()[:16]}.ndjson"
    replayed = folder / "usage_events" / "replayed"
    if any(replayed.rglob(name)):
        return None
    path = replayed / f"landed={stamp:%Y%m%dT%H%M%SZ}" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{name}.{os.getpid()}")
    partial.write_bytes(content)
    partial.replace(path)
    return path, len(lines)


def next_stamp(folder: Path) -> datetime:
    """One second after the newest landing stamp in `folder`: later than all, whatever the clock."""
    stamps = [file.stamp for file in landing.list_files(folder, "2000-01-01") if file.stamp]
    if not stamps:
        raise MeterhouseError(
            str(folder), "no file in it carries a landing stamp", "name one with --landed-at"
        )
    return max(stamps) + timedelta(seconds=1)


def _refused(database: Path) -> list[Refused]:
    if not database.is_file():
        raise MeterhouseError(str(database), "there is no such database", "run meterhouse build")
    try:
        with closing(duckdb.connect(database, read_only=True)) as connection:
            rows = connection.execute(REFUSED).fetchall()
    except duckdb.Error as error:
        raise MeterhouseError(
            str(database),
            f"its refused lines cannot be read ({str(error).splitlines()[0]})",
            "wait for the build that is using it, or run meterhouse build",
        ) from None
    return [Refused(row[0], frozenset(row[1].split(",")), row[2], row[3]) for row in rows]


def _category(raw_line: str) -> str | None:
    """What the line names as its category, be it native or a CloudEvents envelope."""
    line = json.loads(raw_line)
    found = (line.get("data") if "specversion" in line else line) or {}
    category = found.get("category")
    return category.strip() if isinstance(category, str) else None


def _column(seeds: Path, name: str, column: str) -> set[str]:
    (path,) = seeds.rglob(name)
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return {row[column] for row in csv.DictReader(stream)}
