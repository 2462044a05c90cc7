"""The benchmark: builds, floor, increment, other engines and growth, into one table and a file."""

import json
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated, Any

import duckdb
import typer
from rich.console import Console
from rich.table import Table

from benchmarks.generate import (
    FOLDERS,
    INCREMENTS,
    ROOT,
    Format,
    Shape,
    generate,
)
from python_ext import catalogue
from python_ext.errors import MeterhouseError
from python_ext.settings import Settings, from_environment

RESULTS = Path(__file__).resolve().parent / "results.json"
DATA = ROOT / "data" / "bench"
HISTORY_HOURS = 90 * 24

BUILT = (
    "+path:models/06_usage",
    "+path:models/07_metering",
)
COUNTED = ("models/01_staging/landing/", "models/06_usage/", "models/07_metering/")
"""Where the nodes from landing to readings are: theirs is the node time."""

READINGS = {
    "product": """
        select
            tenant_id, meter_id, period_start_at as window_start_at, pack_id, environment,
            business_unit_id, cast(quantity as decimal(22, 9)) as quantity,
            cast(event_count as bigint) as event_count
        from product.fct_meter_readings
        where is_current
    """,
    "floor": "select * from floor.readings",
    "other": """
        select
            tenant_id, meter_id, cast(window_start_at as timestamp) as window_start_at, pack_id,
            environment, business_unit_id, cast(quantity as decimal(22, 9)) as quantity,
            cast(event_count as bigint) as event_count
        from read_parquet('{other}')
    """,
    "compared": """
        select * from floor.readings
        where meter_id in (
            select meter_id from floor.meters
            where aggregation in ('sum', 'count', 'count_distinct')
        )
    """,
}
EVENTS = {
    "product": """
        select event_id, tenant_id, quantity, byte_count, event_at, landed_at
        from product.fct_usage_events
    """,
    "floor": """
        select event_id, tenant_id, quantity, byte_count, event_at, landed_at
        from floor.events
    """,
}


class Part(StrEnum):
    """What can be run on its own; `parquet` is the base that the others are compared with."""

    PARQUET = "parquet"
    NDJSON = "ndjson"
    FLOOR = "floor"
    INCREMENT = "increment"
    OTHERS = "others"
    GROWTH = "growth"


@dataclass(frozen=True)
class Measured:
    """What a child process took, its peak of resident memory, and what it said."""

    seconds: float
    peak_mb: int
    output: str
    cpu_seconds: float
    """Of all its threads: what a busy machine changes least."""


@dataclass(frozen=True)
class Build:
    """One dbt run: node seconds are those from landing to readings, wall is their span."""

    events: int
    node_seconds: float
    node_wall_seconds: float
    process_seconds: float
    peak_mb: int
    events_per_second: int
    nodes: dict[str, float]


@dataclass(frozen=True)
class Comparison:
    """Rows of two tables, and how many stand in one only."""

    rows: int
    other_rows: int
    differing: int
    digest: str

    @property
    def is_equal(self) -> bool:
        return self.rows == self.other_rows and not self.differing


class Bench:
    """One size of history: its data below `data`, its databases in `work`."""

    def __init__(self, shape: Shape, data: Path, work: Path, console: Console) -> None:
        self.shape = shape
        self.data = data
        self.console = console
        self.landing = work / "landing"
        self.product_file = work / "product.duckdb"
        self.floor_file = work / "floor.duckdb"
        self.other_file = work / "other.parquet"
        self.target = Path("target") / "bench"
        work.mkdir(parents=True, exist_ok=True)

    def dataset(self, format_: Format) -> Path:
        """The folder of the generated data, written first where it is missing."""
        folder = self.data / f"{self.shape.events}_{self.shape.hours}h_{format_}"
        if not (folder / "dataset.json").is_file():
            self.say(f"writing {folder}")
        generate(self.shape, folder, [format_])
        return folder

    def land(self, format_: Format) -> None:
        """Fill the landing folder with the history, without the hour that comes next."""
        shutil.rmtree(self.landing, ignore_errors=True)
        _link(self.dataset(format_) / FOLDERS[format_], self.landing)

    def land_increment(self, format_: Format) -> None:
        """Move the hour that comes next into the landing folder."""
        _link(self.dataset(format_) / INCREMENTS[format_], self.landing)

    def build(self, format_: Format, what: str, *, anew: bool) -> Build:
        """Run the models from landing to readings in a child process, without tests."""
        if anew:
            _remove(self.product_file)
        overlay = self.dataset(format_) / "catalogue"
        seeds = catalogue.lay_over(ROOT / "seeds", overlay, ROOT / ".catalogue")
        settings = self._settings(overlay)
        command = [sys.executable, "-c", "from dbt.cli.main import cli; cli()", "--log-level"]
        command += ["error", "build", "--project-dir", str(ROOT), "--profiles-dir", str(ROOT)]
        command += ["--target-path", str(self.target), "--threads", str(settings.threads)]
        command += ["--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"]
        command += ["--select", *BUILT]
        self.say(what)
        measured = run_child(command, settings.for_dbt(seeds))
        events = self.shape.events if anew else self.shape.increment
        return _build(ROOT / self.target, events, measured)

    def floor(self, format_: Format) -> dict[str, Any]:
        """Run the floor on what is in the landing folder."""
        self.say("floor")
        overlay = self.dataset(format_) / "catalogue"
        measured = run_child(
            [
                *(sys.executable, "-m", "benchmarks.floor", "--json"),
                *(str(self.landing), str(overlay), str(self.floor_file)),
            ],
            self._settings(overlay).for_dbt(ROOT / "seeds"),
        )
        return {**json.loads(measured.output), "peak_mb": measured.peak_mb}

    def other(self, engine: str) -> dict[str, Any]:
        """Run another engine on the Parquet files in the landing folder."""
        self.say(engine)
        overlay = self.dataset("parquet") / "catalogue"
        measured = run_child(
            [
                *(sys.executable, "-m", "benchmarks.others", engine),
                *(str(self.landing), str(overlay), str(self.other_file)),
            ],
            {"POLARS_MAX_THREADS": str(self._settings(overlay).threads)},
        )
        seconds = json.loads(measured.output)["seconds"]
        return {
            "seconds": seconds,
            "events_per_second": round(self.shape.events / seconds),
            "peak_mb": measured.peak_mb,
            "readings": asdict(self.compare("other", "compared", READINGS)),
        }

    def compare(self, first: str, second: str, tables: Mapping[str, str] = READINGS) -> Comparison:
        """Hold two tables against each other: row counts, digests, and rows of one only."""
        with duckdb.connect() as connection:
            connection.execute("set memory_limit = '5GB'; set TimeZone = 'UTC'")
            for name, path in (("product", self.product_file), ("floor", self.floor_file)):
                if name in (first, second) or path == self.floor_file:
                    connection.execute(f"attach '{path}' as {name} (read_only)")
            one, two = (tables[name].format(other=self.other_file) for name in (first, second))
            digest = "select count(*), cast(sum(hash(rows)) as varchar) from ({}) as rows"
            [[rows, one_digest]] = connection.execute(digest.format(one)).fetchall()
            [[other_rows, two_digest]] = connection.execute(digest.format(two)).fetchall()
            differing = 0
            if one_digest != two_digest:
                [[differing]] = connection.execute(
                    f"""
                    select
                        (select count(*) from (({one}) except all ({two})))
                        + (select count(*) from (({two}) except all ({one})))
                    """
                ).fetchall()
        found = Comparison(rows, other_rows, differing, str(one_digest))
        if not found.is_equal:
            self.say(f"DIFFERENT: {first} and {second}: {found}")
        return found

    def say(self, text: str) -> None:
        self.console.print(
            f"{datetime.now():%H:%M:%S} {self.shape.events:>12,} {text}", highlight=False
        )

    def _settings(self, overlay: Path) -> Settings:
        environ = {
            **os.environ,
            "METERHOUSE_LANDING": str(self.landing),
            "METERHOUSE_DB": str(self.product_file),
            "METERHOUSE_CATALOGUE": str(overlay),
        }
        return from_environment(environ)


def run_child(command: Sequence[str], environ: Mapping[str, str] | None = None) -> Measured:
    """Run a command to its end. Raises MeterhouseError where it fails, with what it said."""
    started = time.monotonic()
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **(environ or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with process.stdout as stream:  # type: ignore[union-attr]  # it is a pipe
        output = stream.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.monotonic() - started
    if process.returncode:
        raise MeterhouseError(
            " ".join(command[1:4]), f"it failed\n{output[-4000:]}", "see above, and logs/dbt.log"
        )
    cpu_seconds = usage.ru_utime + usage.ru_stime
    return Measured(seconds, usage.ru_maxrss // 1024, output, cpu_seconds)


def _build(target: Path, events: int, measured: Measured) -> Build:
    """What `run_results.json` says of the nodes from landing to readings."""
    results = json.loads((target / "run_results.json").read_text())["results"]
    nodes = json.loads((target / "manifest.json").read_text())["nodes"]
    counted = [
        result
        for result in results
        if nodes[result["unique_id"]]["original_file_path"].startswith(COUNTED)
    ]
    wall = span(counted)
    return Build(
        events=events,
        node_seconds=sum(result["execution_time"] for result in counted),
        node_wall_seconds=wall,
        process_seconds=measured.seconds,
        peak_mb=measured.peak_mb,
        events_per_second=round(events / wall),
        nodes={
            result["unique_id"].rsplit(".", 1)[-1]: round(result["execution_time"], 3)
            for result in sorted(counted, key=lambda result: -result["execution_time"])
        },
    )


def span(results: Sequence[Mapping[str, Any]]) -> float:
    """Seconds in which at least one of the nodes ran."""
    spans = sorted(
        (datetime.fromisoformat(part["started_at"]), datetime.fromisoformat(part["completed_at"]))
        for result in results
        for part in result["timing"]
    )
    total, until = 0.0, None
    for start, end in spans:
        if until is None or end > until:
            total += (end - (start if until is None else max(start, until))).total_seconds()
            until = end
    return total


def _link(source: Path, landing: Path) -> None:
    """Make the files of `source` appear in `landing`, as links where the disk allows it."""

    def place(file: str, to: str) -> None:
        try:
            os.link(file, to)
        except OSError:
            shutil.copyfile(file, to)

    shutil.copytree(source, landing, copy_function=place, dirs_exist_ok=True)


def _remove(database: Path) -> None:
    for path in (database, database.with_name(database.name + ".wal")):
        path.unlink(missing_ok=True)


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.split(": ", 1)[1] for line in lines if line.startswith("model name")), "")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cpu": model or platform.processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(memory / 2**30, 1),
        "system": platform.platform(),
    }


def versions() -> dict[str, str]:
    """The versions of what was measured; a package that is not there is left out."""
    return {"python": platform.python_version(), **dict(_versions())}


def _versions() -> Iterator[tuple[str, str]]:
    for name in ("duckdb", "dbt-core", "dbt-duckdb", "pyarrow", "polars", "chdb"):
        try:
            yield name, version(name)
        except PackageNotFoundError:
            continue


def _commit() -> str:
    """The commit, with a plus sign where the folder holds changes on top of it."""

    def git(*arguments: str) -> str:
        return subprocess.run(
            ["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, check=False
        ).stdout.strip()

    changes = git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!benchmarks")
    return git("rev-parse", "HEAD") + ("+" if changes else "")


def measure(bench: Bench, parts: frozenset[Part]) -> dict[str, Any]:
    """Run the parts on one size of history, and compare every result with the floor's."""
    found: dict[str, Any] = {"shape": asdict(bench.shape)}
    if parts & {Part.PARQUET, Part.FLOOR, Part.INCREMENT, Part.OTHERS}:
        bench.land("parquet")
        found |= _measure_full(bench, "parquet", parts)
        if Part.OTHERS in parts:
            found["others"] = {name: bench.other(name) for name in ("polars", "chdb")}
        if Part.INCREMENT in parts:
            found["increment"] = _measure_increment(bench, found["parquet"]["build"])
    if Part.NDJSON in parts:
        bench.land("ndjson")
        found |= _measure_full(bench, "ndjson", parts | {Part.FLOOR})
    return found


def _measure_full(bench: Bench, format_: Format, parts: frozenset[Part]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    build = None
    if format_ == "ndjson" or parts & {Part.PARQUET, Part.INCREMENT}:
        build = bench.build(format_, f"full build from {format_}", anew=True)
        found["build"] = asdict(build)
    if parts & {Part.FLOOR, Part.OTHERS}:
        floor = bench.floor(format_)
        found["floor"] = floor
        if build:
            found["ratio"] = round(build.node_wall_seconds / floor["seconds"], 3)
            found["readings"] = asdict(bench.compare("product", "floor"))
            found["events"] = asdict(bench.compare("product", "floor", EVENTS))
    return {format_: found}


def _measure_increment(bench: Bench, full: Mapping[str, Any]) -> dict[str, Any]:
    bench.land_increment("parquet")
    build = bench.build("parquet", f"increment of {bench.shape.increment:,}", anew=False)
    bench.floor("parquet")
    return {
        "build": asdict(build),
        "share_of_full": round(build.node_seconds / full["node_seconds"], 4),
        "readings": asdict(bench.compare("product", "floor")),
        "events": asdict(bench.compare("product", "floor", EVENTS)),
    }


def growth(sizes: Mapping[int, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Full build and increment of each size, as multiples of those of the smallest."""
    rows = [
        {
            "events": events,
            "full_seconds": found["parquet"]["build"]["node_seconds"],
            "increment_seconds": found["increment"]["build"]["node_seconds"],
        }
        for events, found in sorted(sizes.items())
    ]
    first = rows[0]
    return [
        {
            **row,
            "full_times": round(row["full_seconds"] / first["full_seconds"], 2),
            "increment_times": round(row["increment_seconds"] / first["increment_seconds"], 2),
        }
        for row in rows
    ]


def show(results: Mapping[str, Any], console: Console) -> None:
    """Print the figures."""
    table = Table(title=f"{results['events']:,} events, {results['machine']['cores']} cores")
    for name in ("measure", "seconds", "events/s", "peak MB", "note"):
        table.add_column(name, justify="left" if name in ("measure", "note") else "right")
    found = results["history"]
    for format_ in ("parquet", "ndjson"):
        part = found.get(format_, {})
        if build := part.get("build"):
            note = f"nodes {build['node_seconds']:.1f} s; {_verdict(part)}"
            _row(table, f"full build, {format_}", build["node_wall_seconds"], build, note)
        if floor := part.get("floor"):
            speed = {**floor, "events_per_second": round(results["events"] / floor["seconds"])}
            note = f"build / floor = {part['ratio']:.2f}" if "ratio" in part else ""
            _row(table, f"floor, {format_}", floor["seconds"], speed, note)
    if increment := found.get("increment"):
        note = f"{increment['share_of_full']:.1%} of the full build; {_verdict(increment)}"
        build = increment["build"]
        _row(table, f"increment of {build['events']:,}", build["node_seconds"], build, note)
    for name, other in found.get("others", {}).items():
        _row(table, name, other["seconds"], other, _verdict(other))
    for row in results.get("growth", []):
        note = f"full {row['full_times']}x, increment {row['increment_times']}x"
        table.add_row(
            f"history of {row['events']:,}",
            f"{row['full_seconds']:.1f} + {row['increment_seconds']:.1f}",
            "",
            "",
            note,
        )
    console.print(table)


def _row(table: Table, name: str, seconds: float, figures: Mapping[str, Any], note: str) -> None:
    speed, peak = figures["events_per_second"], figures["peak_mb"]
    table.add_row(name, f"{seconds:.1f}", f"{speed:,}", f"{peak:,}", note)


def _verdict(part: Mapping[str, Any]) -> str:
    """Whether all that was compared is the same."""
    compared = [part[name] for name in ("readings", "events") if name in part]
    if not compared:
        return "not compared"
    same = all(not c["differing"] and c["rows"] == c["other_rows"] for c in compared)
    return "same result" if same else "DIFFERENT RESULT"


def main(
    events: Annotated[int, typer.Option(help="Events of the history.")] = 20_000_000,
    increment: Annotated[int, typer.Option(help="Events of the next hour.")] = 100_000,
    part: Annotated[
        list[Part] | None, typer.Option(help="Run only this; may be repeated.", show_default=False)
    ] = None,
    data: Annotated[Path, typer.Option(help="Where generated data is kept.")] = DATA,
    results: Annotated[Path, typer.Option(help="File of the figures.")] = RESULTS,
) -> None:
    """Measure the warehouse against a hand-written script and other engines."""
    console, parts = Console(), frozenset(part or Part)
    data = data.resolve()
    work = data / "work"
    sizes: dict[int, dict[str, Any]] = {}
    try:
        if Part.GROWTH in parts:
            for divisor in (4, 2):
                shape = Shape(events // divisor, HISTORY_HOURS // divisor, increment)
                bench = Bench(shape, data, work, console)
                sizes[shape.events] = measure(bench, frozenset({Part.PARQUET, Part.INCREMENT}))
            parts |= {Part.PARQUET, Part.INCREMENT}
        shape = Shape(events, HISTORY_HOURS, increment)
        sizes[events] = measure(Bench(shape, data, work, console), parts)
    except MeterhouseError as error:
        console.print(f"error: {error}", markup=False, highlight=False)
        raise typer.Exit(1) from None
    figures = {
        "events": events,
        "measured_on": f"{datetime.now():%Y-%m-%d}",
        "commit": _commit(),
        "machine": machine(),
        "versions": versions(),
        "history": sizes[events],
        **({"growth": growth(sizes)} if Part.GROWTH in parts else {}),
    }
    results.write_text(json.dumps(figures, indent=2) + "\n")
    show(figures, console)
    shutil.rmtree(work)
    if "DIFFERENT" in str([_verdict(found) for found in _compared(sizes)]):
        raise typer.Exit(1)


def _compared(sizes: Mapping[int, Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for found in sizes.values():
        for name in ("parquet", "ndjson", "increment"):
            if name in found:
                yield found[name]
        yield from found.get("others", {}).values()


if __name__ == "__main__":
    typer.run(main)
