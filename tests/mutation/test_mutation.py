"""A few faults in a very small world, and the harness itself; `make mutation` plants all."""

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import duckdb
import pytest
from rich.console import Console

from python_ext import runner
from python_ext.runner import BuildResult, Failure, Scope
from tests.mutation import harness, landed, report, watch
from tests.mutation.catalog import FAULTS
from tests.mutation.faults import Edit, Fault, Workplace
from tests.mutation.harness import Outcome
from tests.mutation.watch import Catch, Saying
from tests.mutation.world import BEFORE, MIDDLE, World, link
from tests.scenarios.conftest import event
from tests.scenarios.parsing import ParsedOnce

INTAKE = Scope(select=("+rpt_intake_reconciliation", "+dim_as_of"))
FIRST, SECOND = "landed=20260305T000000Z", "landed=20260306T000000Z"


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Three events of one day, then three of the next, as far as the intake."""
    world = World(tmp_path_factory.mktemp("tiny"), {BEFORE: INTAKE})
    before, middle = world.settings(BEFORE), world.settings(MIDDLE)
    for settings, batch, day in ((before, FIRST, 4), (middle, SECOND, 5)):
        lines = [event(f"e-{day}-{n}", timestamp=f"2026-03-0{day}T10:00:00Z") for n in range(3)]
        text = "".join(f"{json.dumps(line)}\n" for line in lines)
        landed.write_bytes(settings.landing / "usage_events" / batch / "e.ndjson", text.encode())
    link(before.landing, middle.landing)
    with patch.object(runner, "dbtRunner", ParsedOnce):
        result = runner.build(
            before, before.root / "seeds", replace(INTAKE, is_checked=False), Console(quiet=True)
        )
    assert result.success, result.failures
    return world


def attempted(tiny: World, fault: Fault, folder: Path) -> list[str]:
    """What tells of a fault in the small world, which says nothing of itself."""
    saying = harness.attempt(replace(fault, start="before"), tiny, folder / "fault")
    assert not (folder / "fault").exists()
    return [str(catch) for catch in watch.catches(saying, Saying())]


def test_what_is_no_fault_is_not_caught(tiny: World, tmp_path: Path) -> None:
    def touched(place: Workplace) -> None:
        path = place.landing / "usage_events" / SECOND / "e.ndjson"
        landed.write_bytes(path, path.read_bytes())

    assert attempted(tiny, Fault("nothing is wrong", "landing", (), touched), tmp_path) == []


def test_a_landed_file_that_is_edited_is_refused(tiny: World, tmp_path: Path) -> None:
    def edit(place: Workplace) -> None:
        path = place.landing / "usage_events" / FIRST / "e.ndjson"
        landed.write_bytes(path, path.read_bytes().replace(b"e-4-1", b"e-4-9"))

    (told,) = attempted(tiny, Fault("a file is edited", "landing", (), edit), tmp_path)
    assert told.startswith("refused: e.ndjson: the file changed after it was built")


def test_a_catalogue_that_contradicts_itself_is_refused_before_it_is_built(
    tiny: World, tmp_path: Path
) -> None:
    told = attempted(tiny, FAULTS["two tiers overlap"], tmp_path)
    assert told and all(text.startswith("refused: plan_line_tiers.csv") for text in told)


def test_code_that_lets_duplicates_in_fails_a_test(tiny: World, tmp_path: Path) -> None:
    def land_again(place: Workplace) -> None:
        source = place.landing / "usage_events" / SECOND / "e.ndjson"
        landed.write_bytes(source.with_name("again.ndjson"), source.read_bytes())

    told = attempted(tiny, replace(FAULTS["duplicates are let in"], plant=land_again), tmp_path)
    assert "test grain on fct_usage_events (3 rows)" in told


def test_code_of_a_model_is_edited_for_its_unit_tests_too(tiny: World, tmp_path: Path) -> None:
    fault = Fault(
        "usage counts as late at once",
        "code",
        (),
        edits=(Edit("fct_usage_events.sql", "events_accepted.landed_at\n        >", "null >"),),
        unit_tested=("fct_usage_events",),
    )
    assert any(text.startswith("unit test ") for text in attempted(tiny, fault, tmp_path))


def test_there_are_faults_of_each_kind_and_each_says_what_should_tell() -> None:
    assert len(FAULTS) >= 40
    assert {fault.kind for fault in FAULTS.values()} == {"landing", "catalogue", "code"}
    assert [name for name, fault in FAULTS.items() if not fault.expected] == []


def test_every_edit_stands_in_the_project_once(project_root: Path) -> None:
    files = {
        path.name: path
        for folder in ("models", "macros")
        for path in (project_root / folder).rglob("*.sql")
    }
    for fault in FAULTS.values():
        for edit in fault.edits:
            assert edit.applied(files[edit.file].read_text()), fault.name


def test_every_model_whose_unit_tests_may_break_has_some(project_root: Path) -> None:
    for fault in FAULTS.values():
        for name in fault.unit_tested:
            (path,) = (project_root / "models").rglob(f"{name}.yml")
            assert "unit_tests:" in path.read_text(), f"{fault.name}: {name}"


@pytest.mark.parametrize("name", [n for n, fault in FAULTS.items() if fault.kind == "catalogue"])
def test_every_fault_of_the_catalogue_changes_it(
    name: str, project_root: Path, tmp_path: Path
) -> None:
    defaults = project_root / "seeds" / "catalogue"
    place = Workplace(tmp_path / "landing", tmp_path / "catalogue")
    shutil.copytree(defaults, place.catalogue)
    FAULTS[name].plant(place)
    changed = [
        path.name
        for path in place.catalogue.iterdir()
        if path.read_bytes() != (defaults / path.name).read_bytes()
    ]
    assert changed


def test_an_edit_of_what_is_not_there_is_refused() -> None:
    edit = Edit("m.sql", "a", "b")
    assert edit.applied("cat") == "cbt"
    for text in ("dog", "banana"):
        with pytest.raises(ValueError, match="found"):
            edit.applied(text)


def test_a_change_that_changes_nothing_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "e.ndjson.gz"
    landed.write_bytes(path, b'{"id":"a"}\n{"id":"b"}\n')
    with pytest.raises(ValueError, match="no event is changed"):
        landed.change_events([path], lambda line: line)
    landed.change_events([path], lambda line: None if line["id"] == "a" else line)
    assert landed.read_bytes(path) == b'{"id":"b"}\n'
    table = tmp_path / "t.csv"
    landed.write_rows(table, [{"a": "1"}])
    with pytest.raises(ValueError, match="no row is changed"):
        landed.change_rows(table, lambda row: row)


def test_a_file_that_others_share_is_never_written_into(tmp_path: Path) -> None:
    shared, own = tmp_path / "shared.csv", tmp_path / "own.csv"
    landed.write_rows(shared, [{"a": "1"}])
    os.link(shared, own)
    landed.change_rows(own, lambda row: row | {"a": "2"})
    assert landed.read_rows(shared) == [{"a": "1"}]


def test_only_what_is_new_or_has_grown_tells() -> None:
    usual = Saying(
        {"old": "always"},
        frozenset({"a remark"}),
        {"grain on a": 2, "holds on b": 3},
        findings={("late, info", "day: 1"): 2, ("late, info", "day: 2"): 2},
    )
    saying = Saying(
        {"old": "always", "m": "/home/somebody/landing/e.gz: it is cut. Land it again."},
        frozenset({"a remark", "another"}),
        {"grain on a": 2, "holds on b": 4, "is_empty on c": 1},
        frozenset({"rounds_once"}),
        {("late, info", "day: 1"): 2, ("late, info", "day: 2"): 3, ("gap, warn", "aws"): 1},
    )
    assert [str(catch) for catch in watch.catches(saying, usual)] == [
        "monitor gap, warn (+1)",
        "monitor late, info (+1)",
        "refused: e.gz: it is cut. Land it again.",
        "remark: another",
        "test holds on b (4 rows, 3 before)",
        "test is_empty on c (1 row)",
        "unit test rounds_once",
    ]
    assert watch.catches(usual, usual) == []


def test_a_build_that_stops_before_the_monitors_has_no_findings(tmp_path: Path) -> None:
    database = tmp_path / "w.duckdb"
    with duckdb.connect(database) as connection:
        connection.execute(
            f"create table {watch.FINDINGS} as select 'gap' as monitor, 'warn' as severity,"
            " 'provider' as subject_type, 'aws' as subject_id, 2 as occurrence_count,"
            " true as is_open"
        )
    warning = Failure("is_empty on x", "warning", "3 rows fail: is_empty on x")
    result = BuildResult(True, (), (warning,), 1, 1.0)
    saying = watch.of_build(result, database)
    assert saying.findings == {("gap, warn", "provider: aws"): 2}
    assert saying.checks == {"is_empty on x": 3}
    skipped = Failure(watch.FINDINGS, "skipped", "not run")
    error = Failure("m", "error", "no such column")
    stopped = watch.of_build(BuildResult(False, (error, skipped), (), 1, 1.0), database)
    assert stopped.findings == {} and stopped.refusals == {"m": "no such column"}


def test_a_survivor_needs_a_reason() -> None:
    faults = {
        fault.name: fault
        for fault in (
            Fault("a", "code", ("gap",)),
            Fault("b", "code", ("gap",)),
            Fault("c", "code", ("gap",), survives_because="nobody could know"),
            Fault("d", "code", ("gap",)),
        )
    }
    outcomes = [
        Outcome("d", (), 1.0),
        Outcome("c", (), 1.0),
        Outcome("b", (Catch("test", "x | y"),), 1.0),
        Outcome("a", (Catch("test", "x"), Catch("monitor", "gap, warn", "+1")), 1.0),
    ]
    assert report.unexplained(faults, outcomes) == ["d"]
    text = report.markdown(faults, outcomes)
    assert text.splitlines()[-4:] == [
        "| a | code | caught | monitor gap, warn (+1); test x |",
        "| b | code | caught otherwise | test x / y |",
        "| c | code | survives, for a reason | nobody could know |",
        "| d | code | survives | nothing |",
    ]
    assert "4 faults (4 of code): 2 caught, 2 survive, 1 of them for a stated reason." in text


def test_the_committed_table_is_what_was_found_of_forty_faults_or_more() -> None:
    outcomes = report.remembered(FAULTS, ())
    assert len(outcomes) >= 40
    assert report.RESULTS.read_text(encoding="utf-8") == report.markdown(FAULTS, outcomes)


def test_a_run_of_some_faults_leaves_the_rows_of_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "RECORD", tmp_path / "results.json")
    monkeypatch.setattr(report, "RESULTS", tmp_path / "README.md")
    faults = {name: Fault(name, "code", ("x",)) for name in ("a", "b")}
    first = [Outcome("a", (), 1.0), Outcome("b", (Catch("test", "x", "1 row"),), 1.0)]
    report.write(faults, report.remembered(faults, first))
    later = report.remembered(faults, [Outcome("a", (Catch("monitor", "x"),), 2.0)])
    assert [outcome.catches for outcome in later] == [
        (Catch("monitor", "x"),),
        (Catch("test", "x", "1 row"),),
    ]
