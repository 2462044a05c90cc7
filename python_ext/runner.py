"""dbt, run in this process: starting it takes seconds, and once is enough."""

import contextlib
import json
import os
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from python_ext.errors import MeterhouseError
from python_ext.settings import Settings

Kind = Literal["error", "test_failure", "skipped", "warning"]

KINDS: Mapping[str, Kind] = {
    "error": "error",
    "runtime error": "error",
    "partial success": "error",
    "fail": "test_failure",
    "skipped": "skipped",
    "warn": "warning",
}
"""dbt's status of a node -> what it means here; a status that is not named is a success."""

NOISE = re.compile(
    r"(\w+ Error in [\w ]+ \S+ \(.*\)|Python model failed:|compiled code at .*|LINE \d+:.*|\^+)"
)
"""Lines of an error that say where dbt was, not what is wrong."""


@dataclass(frozen=True)
class Scope:
    """What to build, as `dbt build` takes it; an empty `select` is everything.

    Data tests run where `is_checked`; `variables` are dbt's vars.
    """

    target: str = "dev"
    select: tuple[str, ...] = ()
    full_refresh: bool = False
    is_checked: bool = True
    variables: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Failure:
    """A node that did not pass; `message` is one or two lines without a traceback."""

    name: str
    kind: Kind
    message: str


@dataclass(frozen=True)
class BuildResult:
    """What became of a run; `success` is true where nothing failed, warnings aside."""

    success: bool
    failures: tuple[Failure, ...]
    warnings: tuple[Failure, ...]
    node_count: int
    seconds: float


def build(settings: Settings, seeds: Path, scope: Scope, console: Console) -> BuildResult:
    """Run seeds, models and tests of the project in `settings.root`, with a bar on `console`.

    Raises MeterhouseError where dbt cannot start: the project does not parse, or another process
    has the database open. What fails later is in the result.
    """
    arguments = ["build", "--project-dir", str(settings.root), "--profiles-dir", str(settings.root)]
    arguments += [
        "--target",
        scope.target,
        "--threads",
        str(settings.threads),
        "--log-level",
        "none",
        "--log-level-file",
        "info",
    ]
    arguments += ["--exclude-resource-type", "unit_test"]  # they test the project, not the data
    if not scope.is_checked:  # a step of a command, after which nobody looks at dbt's artifacts
        arguments += ["--exclude-resource-type", "test", "--no-write-json"]
    arguments += ["--full-refresh"] if scope.full_refresh else []
    arguments += ["--select", *scope.select] if scope.select else []
    as_of = {"as_of": settings.as_of} if settings.as_of else {}
    arguments += ["--vars", json.dumps({**as_of, **scope.variables})]
    if not settings.database.is_relative_to(settings.root):
        # Builds of different databases may run at once, and each needs its own compiled files. They
        # stand beside their database, and go when its folder does.
        arguments += [
            "--target-path",
            str(settings.database.with_name(f"{settings.database.name}.dbt")),
        ]
    settings.database.parent.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    with _environment(settings.for_dbt(seeds)), contextlib.chdir(settings.root):
        try:
            with _progress(console) as show:
                outcome = dbtRunner(callbacks=[show]).invoke(arguments)
        finally:
            # dbt leaves the file open for writing, and no one could read it.
            connections: Any = DuckDBConnectionManager
            connections.close_all_connections()
    seconds = time.monotonic() - started
    results = getattr(outcome.result, "results", None)
    texts = [str(outcome.exception or ""), *(str(result.message) for result in results or ())]
    if any("Could not set lock on file" in text for text in texts):
        raise MeterhouseError(
            str(settings.database),
            "another build is using it",
            "wait for it, or name another METERHOUSE_DB",
        )
    if isinstance(outcome.exception, KeyboardInterrupt):
        raise MeterhouseError("dbt", "it was stopped before its end", "run this again")
    if results is None:
        raise MeterhouseError(
            "dbt", clean(str(outcome.exception)), "correct the project; logs/dbt.log says more"
        )
    found = [_failure(result) for result in results if result.status in KINDS]
    return BuildResult(
        success=outcome.success,
        failures=tuple(failure for failure in found if failure.kind != "warning"),
        warnings=tuple(failure for failure in found if failure.kind == "warning"),
        node_count=len(results),
        seconds=seconds,
    )


def clean(message: str) -> str:
    """Reduce dbt's account of an error to the one or two lines that say what is wrong."""
    message = re.sub(r"\x1b\[[\d;]*m", "", message)
    ours = re.findall(r"MeterhouseError: (.+)", message)
    if ours:
        return str(ours[-1]).strip()
    # A traceback ends with the error; what stands before it is of no use to a user.
    raised = re.findall(r"^\s*(?:[\w.]+[.])?(\w+(?:Error|Exception)\b.*)", message, re.MULTILINE)
    if "Traceback (most recent call last)" in message and raised:
        return str(raised[-1]).strip()
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    useful = [line for line in lines if not NOISE.fullmatch(line)] or lines
    return "\n".join(useful[:2]) or "no message"


def _failure(result: Any) -> Failure:
    """A `Failure` from one entry of dbt's results."""
    name, kind = _name(result.node), KINDS[result.status]
    message = clean(result.message or "")
    if kind == "skipped":
        message = "not run, because something before it failed"
    elif result.failures is not None and kind in ("test_failure", "warning"):
        rows = "1 row fails" if result.failures == 1 else f"{result.failures} rows fail"
        message = f"{rows}: {name}"
    return Failure(name, kind, message)


def _name(node: Any) -> str:
    """A node as a person says it: a generic test without a name of its own by rule and model."""
    name = str(node.name)
    metadata, model = getattr(node, "test_metadata", None), getattr(node, "attached_node", None)
    if metadata and model and name.startswith(f"{metadata.name}_"):
        return f"{metadata.name} on {model.rsplit('.', 1)[-1]}"
    return name


@contextlib.contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextlib.contextmanager
def _progress(console: Console) -> Iterator[Any]:
    """A bar that the callback it yields moves by one for each finished node."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("starting dbt", total=None)

        def show(event: Any) -> None:
            if event.info.name == "LogStartLine":
                progress.update(task, total=event.data.total)
            elif event.info.name == "NodeFinished":
                progress.update(task, advance=1, description=event.data.node_info.node_name[:40])

        yield show
