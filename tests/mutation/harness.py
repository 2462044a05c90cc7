"""Planting faults and looking what tells of them, with the steps that `meterhouse build` takes."""

import contextlib
import os
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from unittest.mock import patch

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from rich.console import Console

from python_ext import catalogue, catalogue_rules, landing, runner
from python_ext.errors import MeterhouseError
from python_ext.policy import landed_decision_ids
from python_ext.runner import Scope
from python_ext.settings import Settings, from_environment
from tests.mutation import project, watch
from tests.mutation.faults import Fault, Start, Workplace
from tests.mutation.watch import Catch, Saying
from tests.mutation.world import AFTER, BEFORE, MIDDLE, NEXT, World, link, settings_in
from tests.scenarios import parsing
from tests.scenarios.parsing import ParsedOnce

CHECKED = dict.fromkeys((BEFORE, MIDDLE), ("--indirect-selection", "cautious"))
"""A step leaves chapters as they are that a check may compare with: those checks are left out."""

MACRO_FILES = {"money"}
"""Files of macros that faults edit: what is built is what their faults name."""


@dataclass(frozen=True)
class Outcome:
    """What became of a fault."""

    fault_name: str
    catches: tuple[Catch, ...]
    seconds: float


def runner_errors(saying: Saying) -> str:
    """What is refused, or found to be wrong, in a world where nothing should be."""
    errors = [f"{name}: {text}" for name, text in saying.refusals.items()]
    errors += [
        f"{monitor}: {subject}"
        for monitor, subject in saying.findings
        if monitor.endswith(", error")
    ]
    return "; ".join(errors)


def look(settings: Settings, seeds: Path, scope: Scope) -> Saying:
    """Check what has landed and the catalogue, build, and hear what is said of it."""
    try:
        landing.list_files(settings.landing, settings.as_of)
        landed = landed_decision_ids(settings.landing, settings.as_of or "2000-01-01")
    except MeterhouseError as error:
        return Saying({"the landing folder": str(error)})
    findings = catalogue_rules.check(seeds, landed)
    remarks = frozenset(str(finding) for finding in findings if not finding.stops)
    refused = {str(n): str(finding) for n, finding in enumerate(findings) if finding.stops}
    if refused:
        return Saying(refused, remarks)
    try:
        result = runner.build(settings, seeds, scope, Console(quiet=True))
    except MeterhouseError as error:
        return Saying({"dbt": str(error)}, remarks)
    return replace(watch.of_build(result, settings.database), remarks=remarks)


def attempt(fault: Fault, world: World, folder: Path) -> Saying:
    """Plant a fault in a copy of the world below `folder`, and hear what is said of it.

    Raises ValueError for a fault that changes nothing. The copy is gone afterwards.
    """
    try:
        place, settings = _workplace(fault, world, folder)
        fault.plant(place)
        with (
            _seeds(fault, place, settings) as seeds,
            project.running(fault.edits, settings.root, CHECKED.get(fault.start, ())) as dbt,
        ):
            saying = look(settings, seeds, _scope(fault, place, world))
            if fault.unit_tested:
                tests = _unit_tests(dbt, fault.unit_tested, settings)
                saying = replace(saying, unit_tests=tests)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return saying


def ordinary(world: World, start: Start, folder: Path) -> Saying:
    """What the world says of itself when nothing is wrong, built on a step.

    Raises MeterhouseError where that is an error: such a world could hide a fault.
    """
    saying = attempt(Fault("nothing is wrong", "landing", (), start=start), world, folder)
    told = runner_errors(saying)
    if told:
        raise MeterhouseError("the world without a fault", told, "correct the project first")
    return saying


def _workplace(fault: Fault, world: World, folder: Path) -> tuple[Workplace, Settings]:
    settings = settings_in(folder)
    if fault.start == "nothing":
        link(world.settings(AFTER).landing, settings.landing)
    else:
        link(world.settings(NEXT[fault.start]).landing, settings.landing)
        shutil.copyfile(world.settings(fault.start).database, settings.database)
    place = Workplace(settings.landing, folder / "catalogue")
    if fault.kind == "catalogue":
        shutil.copytree(settings.root / "seeds" / "catalogue", place.catalogue)
    return place, settings


@contextlib.contextmanager
def _seeds(fault: Fault, place: Workplace, settings: Settings) -> Iterator[Path]:
    """The seeds to build from; copies are made as for a user's catalogue, and go again."""
    seeds = settings.root / "seeds"
    if fault.kind != "catalogue":
        yield seeds
        return
    copies = catalogue.lay_over(seeds, place.catalogue, settings.root / ".catalogue")
    try:
        yield copies
    finally:
        shutil.rmtree(copies)


def _scope(fault: Fault, place: Workplace, world: World) -> Scope:
    """What a step builds; or what follows from a change, where the rest stays as it is."""
    if fault.start == "nothing":
        return Scope()
    changed = {edit.file.removesuffix(".sql") for edit in fault.edits}
    if changed & MACRO_FILES:
        changed = set(fault.unit_tested)
    if fault.kind == "catalogue":
        defaults = from_environment({}).root / "seeds" / "catalogue"
        changed |= {
            path.stem
            for path in place.catalogue.glob("*.csv")
            if path.read_bytes() != (defaults / path.name).read_bytes()
        }
    if fault.start != AFTER or not changed:
        return world.steps[fault.start]
    return Scope(select=tuple(f"{name}+" for name in sorted(changed)))


def _unit_tests(dbt: type[ParsedOnce], models: Sequence[str], settings: Settings) -> frozenset[str]:
    """The unit tests of some models that fail."""
    selected = [f"{name},test_type:unit" for name in models]
    target = settings.database.with_name(f"{settings.database.name}.dbt")
    arguments = ["test", "--project-dir", str(settings.root), "--profiles-dir", str(settings.root)]
    arguments += ["--target", "dev", "--threads", "1", "--log-level", "none"]
    arguments += ["--log-level-file", "none", "--vars", "{}", "--target-path", str(target)]
    arguments += ["--select", *selected]
    with (
        patch.dict(os.environ, settings.for_dbt(settings.root / "seeds")),
        contextlib.chdir(settings.root),
    ):
        try:
            outcome = dbt(callbacks=[]).invoke(arguments)
        finally:
            connections: Any = DuckDBConnectionManager
            connections.close_all_connections()
    results = getattr(outcome.result, "results", None) or ()
    return frozenset(
        str(result.node.name)
        for result in results
        if result.node.resource_type == "unit_test" and result.status in ("fail", "error")
    )


def attempt_all(
    names: Sequence[str], world: World, folder: Path, workers: int
) -> Iterator[Outcome]:
    """Attempt faults in processes of their own, and hand out each outcome as it comes.

    Raises MeterhouseError where something is wrong without a fault.
    """
    kept = dict(parsing.KEPT)
    with ProcessPoolExecutor(workers, get_context("spawn"), _prepare, (kept,)) as pool:
        starts: Sequence[Start] = ("before", "middle", "after")
        usual: dict[str, Saying] = dict(
            zip(
                starts,
                pool.map(ordinary, repeat(world), starts, [folder / start for start in starts]),
                strict=True,
            )
        )
        usual["nothing"] = usual[AFTER]
        tasks: list[Future[Outcome]] = [
            pool.submit(_attempt_named, name, world, usual, folder / f"fault-{number}")
            for number, name in enumerate(names)
        ]
        for task in as_completed(tasks):
            yield task.result()


def _prepare(kept: dict[tuple[str, ...], tuple[bytes, str, str]]) -> None:
    """Give a process the project as another one has parsed it."""
    parsing.KEPT.update(kept)


def _attempt_named(name: str, world: World, usual: Mapping[str, Saying], folder: Path) -> Outcome:
    from tests.mutation.catalog import FAULTS  # a fault holds functions, which do not travel

    started = time.monotonic()
    fault = FAULTS[name]
    catches = watch.catches(attempt(fault, world, folder), usual[fault.start])
    return Outcome(name, tuple(catches), time.monotonic() - started)
