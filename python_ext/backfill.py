"""Readings of a range made anew from events, by the definitions that the catalogue has now."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
from rich.console import Console

from python_ext.errors import MeterhouseError
from python_ext.runner import BuildResult, Scope, build
from python_ext.settings import INSTANT, Settings

REDEFINED = """
    select meter_id, count(*), sum(quantity - previous_quantity)
    from int_metering__readings_later
    where reason = 'redefined'
    group by meter_id
"""


@dataclass(frozen=True)
class Range:
    """The windows that begin at or after `start` and before `end` (UTC), of one meter or of all."""

    start: datetime
    end: datetime
    meter_id: str | None = None

    def for_dbt(self) -> dict[str, str]:
        """The variable by which the models know the range."""
        ends = {"from": self.start, "to": self.end}
        texts = {name: f"{end:%Y-%m-%dT%H:%M:%S}Z" for name, end in ends.items()}
        return {**texts, **({"meter": self.meter_id} if self.meter_id else {})}


@dataclass(frozen=True)
class Change:
    """What a backfill changed of a meter: readings that have a new sequence, and by how much."""

    meter_id: str
    reading_count: int
    delta_quantity: Decimal


def parse_range(start: str, end: str, meter_id: str | None) -> Range:
    """A range from two ISO 8601 instants with offset, or dates, which begin at midnight UTC.

    Raises MeterhouseError for another text, or a range that does not go forward.
    """
    wanted = Range(_instant("--from", start), _instant("--to", end), meter_id)
    if wanted.start >= wanted.end:
        raise MeterhouseError(
            f"--to {end}", f"it is not after --from {start}", "name the end of the range, exclusive"
        )
    return wanted


def backfill(settings: Settings, seeds: Path, wanted: Range, console: Console) -> list[Change]:
    """Take in what has landed, then append a sequence wherever a quantity of `wanted` differs.

    Returns what changed, by meter; nothing where the readings already follow their definitions.
    Raises MeterhouseError for a meter that no reading or definition knows, or a build that fails.
    """
    everything = Scope(
        select=("+path:models/07_metering",), is_checked=False, variables={"keep_definitions": True}
    )
    _expect(build(settings, seeds, everything, console))
    if wanted.meter_id and wanted.meter_id not in _meters(settings.database):
        raise MeterhouseError(
            f"--meter {wanted.meter_id}",
            "the catalogue defines no such meter",
            "name one of meters.csv",
        )
    before = _redefined(settings.database)
    part = Scope(
        select=("path:models/07_metering",),
        is_checked=False,
        variables={"backfill": wanted.for_dbt()},
    )
    _expect(build(settings, seeds, part, console))
    after = _redefined(settings.database)
    changes = []
    for meter_id, (count, delta) in sorted(after.items()):
        former_count, former_delta = before.get(meter_id, (0, Decimal(0)))
        if count > former_count:
            changes.append(Change(meter_id, count - former_count, delta - former_delta))
    return changes


def _instant(option: str, text: str) -> datetime:
    try:
        whole = text if INSTANT.fullmatch(text) else f"{datetime.strptime(text, '%Y-%m-%d'):%F}T00Z"
        return datetime.fromisoformat(whole).astimezone(UTC)
    except ValueError:
        raise MeterhouseError(
            f"{option} {text}",
            "a date or an ISO 8601 instant with an offset is expected",
            "for example 2026-03-01 or 2026-03-01T00:00:00Z",
        ) from None


def _expect(result: BuildResult) -> None:
    for failure in result.failures:
        if failure.kind == "error":
            raise MeterhouseError(failure.name, failure.message, "correct it and run this again")


def _meters(database: Path) -> set[str]:
    with closing(duckdb.connect(database, read_only=True)) as connection:
        return {row[0] for row in connection.execute("select meter_id from dim_meters").fetchall()}


def _redefined(database: Path) -> Mapping[str, tuple[int, Decimal]]:
    with closing(duckdb.connect(database, read_only=True)) as connection:
        rows = connection.execute(REDEFINED).fetchall()
    return {meter_id: (count, delta) for meter_id, count, delta in rows}
