"""Demo data: fourteen months of usage events and cost statements, the same bytes on every run.

Ordinary events are drawn per tenant and day with numpy and turned into text with Arrow, so that
twenty million of them take about a minute; what is out of the ordinary comes from
`demo_story`, the cost statements from `demo_focus`. `expectations.json` beside the data says what
a warehouse must find in it.
"""

import gzip
import json
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import IO, Annotated, Any, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from python_ext.demo_focus import write_cost_pools, write_cost_statements
from python_ext.demo_story import (
    API_CALL,
    DAY_MS,
    DAYS,
    ENVIRONMENT_SHARES,
    ENVIRONMENTS,
    EXTERNAL_API_CALL,
    PLAIN_MONTH,
    SURGE_DAY,
    SURGE_EXTRA_RATIO,
    SURGE_TENANT,
    TENANTS,
    Event,
    EventKind,
    Tenant,
    Trouble,
    TroubleCounts,
    TroubleMaker,
    compact_json,
    day_of,
    housekeeping,
    is_parquet_day,
    kinds_of,
    random_stream,
)
from python_ext.errors import MeterhouseError

CHUNK_EVENTS = 100_000  # events turned into text at once: bounds memory on a busy day
GZIP_LEVEL = 1
MAX_TROUBLE_FACTOR = 10
THREADS_FROM_SCALE = 20
COLUMNS = ("id", "tenant_id", "timestamp", "category", "type", "quantity", "metadata")
SCHEMA = pa.schema([(name, pa.string()) for name in COLUMNS])
# Quantities by index: 0..20 as JSON numbers, then 0.25..6.00 hours as decimal strings.
FIRST_HOURS = 21
QUANTITIES = pa.array(
    [str(n) for n in range(FIRST_HOURS)] + [f'"{n // 4}.{n % 4 * 25:02d}"' for n in range(1, 25)]
)

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Draws:
    """The ordinary events of one tenant and day, in time order; every array has one entry each.

    `millisecond` counts from midnight UTC, `kind` and `environment` and `actor` and `quantity` are
    indexes (of `kinds_of`, `ENVIRONMENTS`, `_actor_texts`, `QUANTITIES`), `stored_bytes` is 0 for
    a kind of event that stores nothing.
    """

    millisecond: IntArray
    kind: IntArray
    environment: IntArray
    actor: IntArray
    quantity: IntArray
    stored_bytes: IntArray


def write_demo(
    landing: Path, scale: int = 1, progress: bool = True, clean: bool = False
) -> dict[str, object]:
    """Write the demo landing folder and return what a warehouse must find in it.

    `scale` multiplies the ordinary events (scale 1 is about 200,000); `clean` plants no trouble.
    The data is written beside `landing` and moved there in one step, so a run that is killed
    leaves no half landing folder.
    """
    if scale < 1:
        raise MeterhouseError("scale", f"must be 1 or more, found {scale}", "Pass --scale 1")
    if landing.exists() and (not landing.is_dir() or any(landing.iterdir())):
        raise MeterhouseError(
            str(landing),
            "demo data is only written into a new or empty folder",
            "Name another folder, or move this one away",
        )
    landing = landing.resolve()
    partial = landing.parent / f".{landing.name}.partial"
    if partial.exists():
        shutil.rmtree(partial)
    partial.mkdir(parents=True)
    try:
        expectations = _write_all(partial, scale, progress, clean)
        partial.replace(landing)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return expectations


def _write_all(folder: Path, scale: int, progress: bool, clean: bool) -> dict[str, object]:
    counts = TroubleCounts().times(0 if clean else min(scale, MAX_TROUBLE_FACTOR))
    trouble = TroubleMaker(counts).plant()
    ordinary, calls = _write_events(folder / "usage_events", scale, trouble, clean, progress)
    costs = write_cost_statements(folder / "focus", scale, clean, calls)
    costs |= write_cost_pools(folder / "cost_pools")
    expectations: dict[str, object] = {
        "scale": scale,
        "usage_lines": ordinary
        + trouble.accepted
        + trouble.duplicates
        + sum(trouble.rejected.values()),
        "accepted": ordinary + trouble.accepted,
        "duplicates": trouble.duplicates,
        "rejected": trouble.rejected,
        "zero_quantity_events": counts.zero_quantity,
        "late_events": counts.late,
        "compensating_events": counts.compensating,
        "unpriced_events": counts.unpriced,
        "surges": [] if clean else [{"tenant_id": SURGE_TENANT, "date": SURGE_DAY.isoformat()}],
        **costs,
    }
    text = json.dumps(expectations, indent=2, sort_keys=True) + "\n"
    (folder / "expectations.json").write_text(text, encoding="utf-8")
    return expectations


def _write_events(
    folder: Path, scale: int, trouble: Trouble, clean: bool, progress: bool
) -> tuple[int, Counter[date]]:
    """Write every daily batch; returns the number of events that are not planted trouble, and how
    many of them were calls of a third party, by the first day of their month.
    """

    def write(index: int) -> tuple[int, int]:
        return _write_batch(folder, index, scale, trouble.batches.get(index, []), clean)

    bar = Progress(
        TextColumn("demo events"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total} days, {task.fields[events]:,} events"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        disable=not progress,
    )
    events, calls = 0, Counter[date]()
    # numpy, Arrow and zlib work outside the interpreter lock, but on small days threads only
    # wait for each other.
    workers = 1 if scale < THREADS_FROM_SCALE else min(4, os.cpu_count() or 1)
    executor = ThreadPoolExecutor(max_workers=workers)
    try:
        with bar:
            task = bar.add_task("events", total=DAYS, events=0)
            for index, (written, called) in enumerate(executor.map(write, range(DAYS))):
                events += written
                calls[day_of(index).replace(day=1)] += called
                bar.update(task, advance=1, events=events)
    finally:
        executor.shutdown(cancel_futures=True)
    return events, calls


def _write_batch(
    folder: Path, index: int, scale: int, planted: Sequence[Event | bytes], clean: bool
) -> tuple[int, int]:
    """Write what lands half an hour after the day ends; returns the ordinary events written, and
    how many of them were calls of a third party.
    """
    landed = day_of(index) + timedelta(days=1)
    batch = folder / f"landed={landed:%Y%m%d}T003000Z"
    batch.mkdir(parents=True)
    events = calls = 0
    with (
        _native_writer(batch, index) as write_native,
        _gzip_file(batch / "connectors.ndjson.gz") as connectors,
    ):
        extras = list(planted)
        for tenant in TENANTS:
            if not tenant.is_active(index):
                continue
            routine = list(housekeeping(tenant, index))
            extras.extend(routine)
            events += len(routine)
            for table in _ordinary_events(tenant, index, scale, clean):
                events += table.num_rows
                is_external = pc.equal(table["type"], EXTERNAL_API_CALL.event_type)
                calls += pc.sum(is_external).as_py() or 0
                write_native(table.filter(pc.invert(is_external)), [])
                connectors.write(_cloud_event_lines(table.filter(is_external)))
        write_native(SCHEMA.empty_table(), extras)
    return events, calls


NativeWriter = Callable[[pa.Table, Sequence[Event | bytes]], None]


@contextmanager
def _native_writer(batch: Path, index: int) -> Iterator[NativeWriter]:
    """The file of a batch's native events, in the format of its month."""
    day = day_of(index)
    if is_parquet_day(index):
        with pq.ParquetWriter(batch / "events.parquet", SCHEMA) as parquet:

            def write_rows(table: pa.Table, extras: Sequence[Event | bytes]) -> None:
                for rows in (table, _extras_table(extras)):
                    if rows.num_rows:
                        parquet.write_table(_without_quotes(rows))

            yield write_rows
        return
    name = "events.ndjson" if (day.year, day.month) == PLAIN_MONTH else "events.ndjson.gz"
    with (batch / name).open("wb") if name.endswith("n") else _gzip_file(batch / name) as stream:

        def write_lines(table: pa.Table, extras: Sequence[Event | bytes]) -> None:
            stream.write(_native_lines(table))
            for extra in extras:
                stream.write(extra if isinstance(extra, bytes) else extra.line())

        yield write_lines


@contextmanager
def _gzip_file(path: Path) -> Iterator[IO[bytes]]:
    """A gzip stream whose bytes depend on its content only: no name and no time in the header."""
    with (
        path.open("wb") as raw,
        gzip.GzipFile("", "wb", GZIP_LEVEL, raw, mtime=0) as compressed,
    ):
        yield cast("IO[bytes]", compressed)


def _extras_table(extras: Sequence[Event | bytes]) -> pa.Table:
    rows = [
        (e.event_id, e.tenant_id, e.timestamp, e.category, e.event_type, e.quantity, e.metadata)
        for e in extras
        if isinstance(e, Event)
    ]
    columns = zip(*rows, strict=True) if rows else [()] * len(COLUMNS)
    return pa.table([pa.array(list(column), pa.string()) for column in columns], SCHEMA)


def _without_quotes(table: pa.Table) -> pa.Table:
    """In Parquet a quantity is plain decimal text, not a JSON token."""
    position = COLUMNS.index("quantity")
    return table.set_column(position, "quantity", pc.utf8_trim(table["quantity"], '"'))


def _ordinary_events(tenant: Tenant, index: int, scale: int, clean: bool) -> Iterator[pa.Table]:
    """The ordinary events of a tenant and day as tables of text, a chunk at a time."""
    is_surge = not clean and tenant.tenant_id == SURGE_TENANT and day_of(index) == SURGE_DAY
    draws = _draw(tenant, index, scale, is_surge)
    for start in range(0, len(draws.millisecond), CHUNK_EVENTS):
        yield _event_table(tenant, index, draws, slice(start, start + CHUNK_EVENTS))


def _draw(tenant: Tenant, index: int, scale: int, is_surge: bool) -> Draws:
    rng = random_stream(index, tenant.number)
    kinds = kinds_of(tenant)
    normal = _expected_events(tenant, index) * scale * rng.uniform(0.92, 1.08)
    count = max(1, round(normal))
    weights = np.array([kind.weight for kind in kinds], dtype=np.float64)
    kind = rng.choice(len(kinds), count, p=weights / weights.sum())
    if is_surge:  # a runaway integration: the extra events are all API calls
        extra = np.full(count * SURGE_EXTRA_RATIO, kinds.index(API_CALL))
        kind = rng.permutation(np.concatenate([kind, extra]))
        count = len(kind)
    return Draws(
        millisecond=_draw_times(rng, tenant, count),
        kind=kind,
        environment=rng.choice(len(ENVIRONMENTS), count, p=ENVIRONMENT_SHARES),
        actor=_draw_actors(rng, tenant, kinds, kind),
        quantity=_draw_quantities(rng, kinds, kind),
        stored_bytes=_draw_bytes(rng, kinds, kind, scale),
    )


def _expected_events(tenant: Tenant, index: int) -> float:
    """Events of the day at scale 1: fewer on week-ends, growing by half over the period."""
    weekend = tenant.weekend_ratio if day_of(index).weekday() in tenant.weekend else 1.0
    return tenant.weekday_events * weekend * (0.8 + 0.4 * index / DAYS)


def _draw_times(rng: np.random.Generator, tenant: Tenant, count: int) -> IntArray:
    """Milliseconds of the UTC day: four in five in the tenant's office hours, the rest any time."""
    hours = np.where(
        rng.random(count) < 0.8,
        tenant.office_start_hour + rng.triangular(0.0, 4.0, 10.0, count),
        rng.uniform(0.0, 24.0, count),
    )
    return np.sort((hours * 3_600_000).astype(np.int64) % DAY_MS)


def _draw_actors(
    rng: np.random.Generator, tenant: Tenant, kinds: Sequence[EventKind], kind: IntArray
) -> IntArray:
    """Indexes into `_actor_texts`: people first (some busier than others), then services."""
    user_ratio = np.array([k.user_ratio for k in kinds])[kind]
    crowd = np.array([max(1, round(k.crowd_ratio * tenant.users)) for k in kinds])[kind]
    person = (rng.random(len(kind)) ** 1.5 * crowd).astype(np.int64)
    return np.where(rng.random(len(kind)) < user_ratio, person, tenant.users + kind)


def _draw_quantities(
    rng: np.random.Generator, kinds: Sequence[EventKind], kind: IntArray
) -> IntArray:
    """Indexes into `QUANTITIES`: mostly 1; one API call or decision in ten is a batch."""
    form = np.array([("one", "batch", "hours").index(k.quantity) for k in kinds])[kind]
    is_batch = (form == 1) & (rng.random(len(kind)) < 0.1)
    batch = np.where(is_batch, rng.integers(2, FIRST_HOURS, len(kind)), 1)
    return np.where(form == 2, rng.integers(FIRST_HOURS, len(QUANTITIES), len(kind)), batch)


def _draw_bytes(
    rng: np.random.Generator, kinds: Sequence[EventKind], kind: IntArray, scale: int
) -> IntArray:
    """Bytes stored: 10 to 60 MB an event at scale 1, so that more events do not store more."""
    has_bytes = np.array([k.has_bytes for k in kinds])[kind]
    size = (1e7 * 6.0 ** rng.random(len(kind)) / scale).astype(np.int64)
    return np.where(has_bytes, size, 0)


def _event_table(tenant: Tenant, index: int, draws: Draws, part: slice) -> pa.Table:
    """A slice of the draws as text columns."""
    kinds = kinds_of(tenant)
    kind = draws.kind[part]
    serial = np.arange(part.start, part.start + len(kind))
    return pa.table(
        [
            _join(
                f"evt-{day_of(index):%Y%m%d}-{tenant.number:02d}-",
                pc.utf8_lpad(pa.array(serial).cast(pa.string()), 6, "0"),
            ),
            pa.repeat(tenant.tenant_id, len(kind)),
            _timestamps(tenant, index, draws.millisecond[part]),
            pa.array([k.category for k in kinds]).take(pa.array(kind)),
            pa.array([k.event_type for k in kinds]).take(pa.array(kind)),
            QUANTITIES.take(pa.array(draws.quantity[part])),
            _metadata(tenant, kinds, draws, part),
        ],
        SCHEMA,
    )


def _timestamps(tenant: Tenant, index: int, millisecond: IntArray) -> pa.Array:
    local = millisecond + tenant.offset_hours * 3_600_000
    dates = pa.array([day_of(index).isoformat(), day_of(index + 1).isoformat()])
    clock, thousandths = _clock_texts()
    second = local % DAY_MS // 1000
    return _join(
        dates.take(pa.array(local // DAY_MS)),
        "T",
        clock.take(pa.array(second)),
        thousandths.take(pa.array(local % 1000)),
        tenant.zone(),
    )


@cache
def _clock_texts() -> tuple[pa.Array, pa.Array]:
    """`HH:MM:SS` of each second of a day, and `.mmm` of each millisecond of a second."""
    seconds = [f"{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}" for s in range(86_400)]
    return pa.array(seconds), pa.array([f".{n:03d}" for n in range(1000)])


def _metadata(tenant: Tenant, kinds: tuple[EventKind, ...], draws: Draws, part: slice) -> pa.Array:
    """The metadata objects of a slice of the draws, as JSON text."""
    kind, stored = draws.kind[part], pa.array(draws.stored_bytes[part])
    head_index = kind * len(ENVIRONMENTS) + draws.environment[part]
    sizes = pc.if_else(pc.greater(stored, 0), _join(',"bytes":', stored.cast(pa.string())), "")
    return _join(
        _head_texts(kinds).take(pa.array(head_index)),
        _actor_texts(tenant).take(pa.array(draws.actor[part])),
        f',"region":"{tenant.region}"',
        *_business_units(tenant, draws.actor[part]),
        sizes,
        "}",
    )


@cache
def _head_texts(kinds: tuple[EventKind, ...]) -> pa.Array:
    """The start of the metadata, for each kind and environment."""
    return pa.array([kind.metadata_head(env) for kind in kinds for env in ENVIRONMENTS])


@cache
def _actor_texts(tenant: Tenant) -> pa.Array:
    """The actor part of the metadata: the tenant's people, then the service of each kind."""
    people = [("user", f"user-{tenant.tenant_id}-{n + 1}") for n in range(tenant.users)]
    services = [("service", f"svc-{kind.service}") for kind in kinds_of(tenant)]
    return pa.array(
        [
            f",{compact_json({'actor_type': actor_type, 'actor_id': actor})[1:-1]}"
            for actor_type, actor in (*people, *services)
        ]
    )


def _business_units(tenant: Tenant, actor: IntArray) -> list[pa.Array]:
    """The business unit of each event, where a tenant has any: an actor belongs to one."""
    if not tenant.business_units:
        return []
    texts = pa.array([f',"business_unit":"{unit}"' for unit in tenant.business_units])
    return [texts.take(pa.array(actor % len(tenant.business_units)))]


def _native_lines(table: pa.Table) -> memoryview:
    """The events as NDJSON in the native form."""
    return _lines(
        table,
        ('{"id":"', "id"),
        ('","tenant_id":"', "tenant_id"),
        ('","timestamp":"', "timestamp"),
        ('","category":"', "category"),
        ('","type":"', "type"),
        ('","quantity":', "quantity"),
        (',"metadata":', "metadata"),
        ("}\n", None),
    )


def _cloud_event_lines(table: pa.Table) -> memoryview:
    """The events as NDJSON in the CloudEvents 1.0 envelope."""
    return _lines(
        table,
        ('{"id":"', "id"),
        ('","source":"/connectors/enrichment","specversion":"1.0","type":"', "type"),
        ('","subject":"', "tenant_id"),
        ('","time":"', "timestamp"),
        ('","data":{"category":"', "category"),
        ('","quantity":', "quantity"),
        (',"metadata":', "metadata"),
        ("}}\n", None),
    )


def _lines(table: pa.Table, *pieces: tuple[str, str | None]) -> memoryview:
    """Each row's pieces (a text, then a column) end to end; all rows as one run of bytes."""
    if not table.num_rows:
        return memoryview(b"")
    parts: list[Any] = []
    for text, column in pieces:
        parts.append(text)
        if column is not None:
            parts.append(table[column].combine_chunks())
    lines = _join(*parts)
    # Arrow keeps the strings of an array next to one another: the buffer already is the file.
    return memoryview(lines.buffers()[2])[: pc.sum(pc.binary_length(lines)).as_py()]


def _join(*parts: Any) -> pa.Array:
    """Concatenate arrays of strings (and constants) row by row."""
    return pc.binary_join_element_wise(*parts, "")


def main(
    landing: Annotated[Path, typer.Option(help="Folder to write; new or empty.")],
    scale: Annotated[int, typer.Option(help="1 is about 200,000 usage events.")] = 1,
    clean: Annotated[bool, typer.Option("--clean", help="Plant no trouble.")] = False,
) -> None:
    """Write the demo landing folder."""
    console = Console(stderr=True)
    try:
        expectations = write_demo(landing, scale, clean=clean)
    except MeterhouseError as error:
        console.print(str(error), style="red", markup=False, soft_wrap=True)
        raise typer.Exit(1) from None
    console.print(f"{expectations['usage_lines']:,} usage lines in {landing}", soft_wrap=True)


if __name__ == "__main__":
    typer.run(main)
