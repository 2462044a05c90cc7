"""The command line says what is wrong in a line, and publishes only what passed."""

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from io import StringIO
from pathlib import Path

import duckdb
import pytest
from rich.console import Console

from python_ext import cli, runner, settings, summary
from python_ext.errors import MeterhouseError
from python_ext.runner import BuildResult, Failure

PASSED = BuildResult(True, (), (), 3, 1.5)
FAILED = BuildResult(
    False,
    (
        Failure("fct_bad", "error", "Binder Error: [no] column\nCandidates: a"),
        Failure("grain_x", "test_failure", "2 rows fail: grain_x"),
        Failure("fct_after", "skipped", "not run"),
    ),
    (Failure("is_empty_y", "warning", "1 row fails: is_empty_y"),),
    4,
    2,
)


@pytest.fixture(autouse=True)
def _no_settings_of_the_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("LANDING", "DB", "PUBLISHED", "CATALOGUE", "AS_OF", "THREADS"):
        monkeypatch.delenv(f"METERHOUSE_{name}", raising=False)
    monkeypatch.setenv("METERHOUSE_DB", str(tmp_path / "it.duckdb"))
    monkeypatch.setenv("METERHOUSE_PUBLISHED", str(tmp_path / "published"))


@pytest.fixture
def landing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    folder = tmp_path / "landing"
    (folder / "usage_events" / "landed=20260305T100000Z").mkdir(parents=True)
    (folder / "usage_events" / "landed=20260305T100000Z" / "a.ndjson").write_text("{}\n")
    monkeypatch.setenv("METERHOUSE_LANDING", str(folder))
    return folder


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[runner.Scope]:
    """Stand in for dbt; what it was asked to build. It leaves one mart."""
    asked: list[runner.Scope] = []

    def build(where: settings.Settings, _: Path, scope: runner.Scope, __: Console) -> BuildResult:
        asked.append(scope)
        with duckdb.connect(where.database) as connection:
            connection.execute("create or replace table fct_one as select 1 as one")
        return FAILED if scope.select == ("bad",) else PASSED

    monkeypatch.setattr(runner, "build", build)
    return asked


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Exit code of `meterhouse` with these arguments."""
    monkeypatch.setattr(sys, "argv", ["meterhouse", *arguments])
    with pytest.raises(SystemExit) as ending:
        cli.main()
    return int(ending.value.code or 0)


def test_a_build_that_passes_is_published(
    monkeypatch: pytest.MonkeyPatch,
    landing: Path,
    calls: list[runner.Scope],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(monkeypatch, "build", "--full-refresh", "--target", "ci", "--threads", "3") == 0
    assert calls == [runner.Scope("ci", (), True)]
    assert (tmp_path / "published" / "meterhouse.duckdb").is_file()
    out = capsys.readouterr().out
    assert f"database: {tmp_path / 'it.duckdb'}\n" in out
    assert f"published: {tmp_path / 'published' / 'meterhouse.duckdb'}\n" in out
    assert "Failing: none" in out


def test_a_build_that_fails_is_not_published_and_exits_1(
    monkeypatch: pytest.MonkeyPatch,
    landing: Path,
    calls: list[runner.Scope],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(monkeypatch, "build", "--select", "bad") == 1
    assert not (tmp_path / "published").exists()
    printed = capsys.readouterr()
    assert "fct_bad: Binder Error: [no] column\n    Candidates: a" in printed.out
    assert "nothing is published" in printed.err


def test_a_part_is_not_published_until_asked(
    monkeypatch: pytest.MonkeyPatch, landing: Path, calls: list[runner.Scope], tmp_path: Path
) -> None:
    assert run(monkeypatch, "build", "--select", "fct_one", "-s", "fct_two") == 0
    assert calls == [runner.Scope("dev", ("fct_one", "fct_two"), False)]
    assert not (tmp_path / "published").exists()
    assert run(monkeypatch, "publish") == 0
    assert (tmp_path / "published" / "meterhouse.duckdb").is_file()


@pytest.mark.parametrize("make", [False, True])
def test_a_named_landing_folder_that_is_missing_or_empty_ends_the_build(
    monkeypatch: pytest.MonkeyPatch,
    calls: list[runner.Scope],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    make: bool,
) -> None:
    folder = tmp_path / "named"
    if make:
        folder.mkdir()
    monkeypatch.setenv("METERHOUSE_LANDING", str(folder))
    assert run(monkeypatch, "build") == 2
    error = capsys.readouterr().err
    assert error.startswith(f"error: {folder}: the landing folder")
    assert "Traceback" not in error
    assert (calls, folder.exists()) == ([], make)


def test_demo_data_is_written_where_no_landing_folder_is_named_or_there(
    monkeypatch: pytest.MonkeyPatch,
    calls: list[runner.Scope],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    default = settings.from_environment({}).landing

    def write_demo(folder: Path, scale: int, clean: bool) -> dict[str, object]:
        assert (folder, scale, clean) == (tmp_path / "default", 1, False)
        (folder / "usage_events").mkdir(parents=True)
        (folder / "usage_events" / "20260305T100000Z.ndjson").write_text("{}\n")
        return {"usage_lines": 1234}

    def elsewhere(environ: dict[str, str], target: str = "dev") -> settings.Settings:
        found = settings.from_environment(environ, target)
        assert (found.landing, found.is_landing_named) == (default, False)
        return replace(found, landing=tmp_path / "default")

    monkeypatch.setattr(cli, "write_demo", write_demo)
    monkeypatch.setattr(cli, "from_environment", elsewhere)
    assert run(monkeypatch, "build") == 0
    error = capsys.readouterr().err
    assert "demo data is written there" in error
    assert "1,234 usage lines" in error


@pytest.mark.usefixtures("landing")
def test_every_bad_row_of_a_catalogue_is_listed_and_nothing_is_built(
    monkeypatch: pytest.MonkeyPatch,
    project_root: Path,
    calls: list[runner.Scope],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "packs.csv").write_text("pack_id,pack_name\nrevops,RevOps\nrevops,\n")
    monkeypatch.setenv("METERHOUSE_CATALOGUE", str(folder))
    root = tmp_path / "project"  # copies of the catalogue go there, not into this project
    shutil.copytree(project_root / "seeds", root / "seeds")
    there = replace(settings.from_environment(os.environ), root=root)
    monkeypatch.setattr(cli, "from_environment", lambda *_: there)
    assert run(monkeypatch, "build") == 2
    lines = capsys.readouterr().err.splitlines()
    assert "packs.csv row 3: pack_name is empty. Fill it in." in lines
    assert (
        "packs.csv row 3: pack_id revops is not unique: row 2 has it too. Keep one of the rows."
        in lines
    )
    assert lines[-1].startswith(f"error: {folder}: ")
    assert calls == []


def test_demo_refuses_a_folder_that_is_in_use_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    command = [sys.executable, "-m", "python_ext.cli", "demo", "--landing", str(tmp_path)]
    ended = subprocess.run(command, capture_output=True, text=True)
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"error: {tmp_path}: ")
    assert len(ended.stderr.splitlines()) == 1


def test_an_error_of_the_system_is_one_line(
    monkeypatch: pytest.MonkeyPatch,
    landing: Path,
    calls: list[runner.Scope],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "published").write_text("a file stands in the way")
    assert run(monkeypatch, "build") == 2
    assert capsys.readouterr().err == f"error: {tmp_path / 'published'}: File exists\n"


def test_paths_that_the_user_gave_start_where_the_user_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    given = {
        "METERHOUSE_LANDING": "l",
        "METERHOUSE_DB": "d.duckdb",
        "METERHOUSE_PUBLISHED": "",
        "METERHOUSE_CATALOGUE": "c",
    }
    found = settings.from_environment(given)
    assert (found.landing, found.database) == (tmp_path / "l", tmp_path / "d.duckdb")
    assert (found.catalogue, found.is_landing_named) == (tmp_path / "c", True)
    assert found.published == found.root / "data" / "published"


def test_defaults_lie_in_the_project_and_those_of_ci_apart(project_root: Path) -> None:
    dev, ci = settings.from_environment({}), settings.from_environment({}, "ci")
    assert dev.root == project_root
    assert dev.database == project_root / "data" / "meterhouse.duckdb"
    assert ci.database == project_root / "data" / "ci" / "meterhouse.duckdb"
    assert ci.published != dev.published
    assert (dev.landing, dev.catalogue, dev.as_of, dev.threads) == (ci.landing, None, None, 2)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("METERHOUSE_THREADS", "two"),
        ("METERHOUSE_THREADS", "0"),
        ("METERHOUSE_AS_OF", "2026-03-05"),
    ],
)
def test_a_setting_that_cannot_be_used_is_refused(name: str, value: str) -> None:
    with pytest.raises(MeterhouseError, match=f"found {value}") as refusal:
        settings.from_environment({name: value})
    assert refusal.value.subject == name


def show(database: Path, result: BuildResult) -> str:
    console = Console(file=StringIO(), width=120)
    summary.show(database, console, result)
    text = console.file
    assert isinstance(text, StringIO)
    return text.getvalue()


MARTS = (
    "create table fct_usage_events (event_id text)",
    "create table fct_duplicate_events (event_id text)",
    "create table fct_rejected_events (reason text)",
    "create table fct_meter_readings (is_current boolean)",
    "create table fct_invoices (currency_code text, status text, total_amount decimal(22, 4),"
    " is_current boolean)",
    "create table dim_currencies (currency_code text, minor_unit integer)",
    "create table rpt_tenant_pnl (tenant_id text, revenue_basis text, is_internal boolean,"
    " revenue_usd decimal(38, 12), cogs_usd decimal(38, 12), gross_margin_usd decimal(38, 12))",
    "create table rpt_reconciliation_summary (seam_number integer, seam text, first_side text,"
    " second_side text, subject_count bigint, differing_count bigint)",
    "create table fct_quality_findings (severity text, monitor text, is_open boolean,"
    " last_seen_date date, remedy text)",
)
ROWS = (
    "insert into fct_usage_events select * from range(1200)",
    "insert into fct_duplicate_events values ('a')",
    "insert into fct_rejected_events values ('bad_quantity'), ('bad_quantity'), ('unknown_tenant')",
    "insert into fct_meter_readings values (true), (false)",
    "insert into dim_currencies values ('JPY', 0), ('KWD', 3), ('USD', 2)",
    "insert into fct_invoices values ('JPY', 'draft', 1234567, true), ('KWD', 'draft', 0.5, true),"
    " ('USD', 'draft', 10, true), ('USD', 'draft', null, true), ('USD', 'draft', 5, false)",
    "insert into rpt_tenant_pnl values ('acme', 'rated', false, 2000.5, 500, 1500.5),"
    " ('acme', 'recognised', false, 9, 9, 9), ('lost', 'rated', false, null, 5, null),"
    " ('free', 'rated', false, 0, 5, -5), ('us', 'rated', true, 1, 1, 0)",
    "insert into rpt_reconciliation_summary values (3, 'usage_to_cash', 'rated', 'billed', 2, 1),"
    " (3, 'usage_to_cash', 'rated', 'billed', 1200, 0), (1, 'intake', 'lines', 'kept', 5, 0)",
    "insert into fct_quality_findings values ('warn', 'late', true, '2026-03-01', 'Wait'),"
    " ('warn', 'late', true, '2026-03-02', 'Wait'), ('warn', 'late', false, '2026-03-03', 'Wait'),"
    " ('info', 'told', true, '2026-03-02', 'Read')",
)


def make(tmp_path: Path, *statements: str) -> Path:
    with duckdb.connect(tmp_path / "summary.duckdb") as connection:
        for statement in statements:
            connection.execute(statement)
    return tmp_path / "summary.duckdb"


def test_the_summary_shows_figures_and_calls_the_unknown_unknown(tmp_path: Path) -> None:
    text = show(make(tmp_path, *MARTS, *ROWS), PASSED)
    lines = [" ".join(line.split()) for line in text.splitlines()]
    for line in (
        "received 1,204",
        "accepted 1,200",
        "duplicate 1",
        "rejected: bad_quantity 2",
        "rejected: unknown_tenant 1",
        "meter readings made of them 1",
        "draft JPY 1 1,234,567",
        "draft KWD 1 0.500",
        "draft USD 2 unknown",
        "acme 2,000.50 500.00 1,500.50 75.0%",
        "lost unknown 5.00 unknown unknown",
        "free 0.00 5.00 -5.00 -",
        "us (internal) 1.00 1.00 0.00 0.0%",
        "intake: lines = kept 5 0",
        "usage to cash: rated = billed 1,202 1",
        "late warn 2 2026-03-02 Wait",
        "Failing: none",
        "3 seeds, models and tests in 2 s",
    ):
        assert line in lines


def test_the_summary_survives_empty_tables(tmp_path: Path) -> None:
    text = show(make(tmp_path, *MARTS), PASSED)
    assert "Invoices: none" in text
    assert "received" in text


def test_the_summary_survives_tables_that_were_not_built(tmp_path: Path) -> None:
    text = show(make(tmp_path), FAILED)
    for line in ("Usage events: not built", "Invoices: not built", "Failing: 2", "Warnings: 1"):
        assert line in text
    assert "2 rows fail: grain_x" in text
    assert "Not run because of these: 1" in text


@pytest.mark.parametrize(
    ("amount", "decimals", "text"),
    [
        (Decimal("-1234.5"), 2, "-1,234.50"),
        (Decimal("1234567"), 0, "1,234,567"),
        (Decimal("1.5"), None, "1.50"),
        (None, 2, "unknown"),
    ],
)
def test_money_has_thousands_separators(
    amount: Decimal | None, decimals: int | None, text: str
) -> None:
    assert summary.money(amount, decimals) == text


def feed(folder: Path) -> None:
    """Publish an audit feed of two acts."""
    folder.mkdir()
    with duckdb.connect(folder / "meterhouse.duckdb") as connection:
        connection.execute(
            "create table rpt_audit_feed as select 'actions:' || range as act_id,"
            " timestamp '2026-03-04 10:00' as acted_at, 0.10::decimal(22, 9) as act_amount"
            " from range(2)"
        )


def test_the_audit_feed_goes_to_standard_output_or_into_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    feed(tmp_path / "published")
    assert run(monkeypatch, "export", "audit-feed") == 0
    out = capsys.readouterr().out
    assert out.splitlines() == [
        f'{{"act_id":"actions:{n}","acted_at":"2026-03-04T10:00:00Z","act_amount":"0.1"}}'
        for n in range(2)
    ]
    assert run(monkeypatch, "export", "audit-feed", "--out", str(tmp_path / "feed.ndjson")) == 0
    assert (tmp_path / "feed.ndjson").read_text() == out
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", f"2 acts: {tmp_path / 'feed.ndjson'}\n")


def test_an_audit_feed_that_is_not_there_leaves_the_former_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "feed.ndjson"
    out.write_text("former\n")
    assert run(monkeypatch, "export", "audit-feed", "--out", str(out)) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"error: {tmp_path / 'published' / 'meterhouse.duckdb'}: ")
    assert (out.read_text(), sorted(path.name for path in tmp_path.iterdir())) == (
        "former\n",
        ["feed.ndjson"],
    )


@pytest.mark.usefixtures("calls")
def test_a_price_that_nobody_allowed_is_told_and_the_build_goes_on(
    monkeypatch: pytest.MonkeyPatch,
    project_root: Path,
    landing: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = (project_root / "seeds" / "catalogue" / "plan_versions.csv").read_text()
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "plan_versions.csv").write_text(text.replace("pd-plan-saas-pro-2", "pd-landed"))
    monkeypatch.setenv("METERHOUSE_CATALOGUE", str(folder))
    root = tmp_path / "project"
    shutil.copytree(project_root / "seeds", root / "seeds")
    there = replace(settings.from_environment(os.environ), root=root)
    monkeypatch.setattr(cli, "from_environment", lambda *_: there)
    assert run(monkeypatch, "build") == 0
    said = capsys.readouterr().err
    assert "plan_versions.csv row 5: policy_decision_id names pd-landed, which is not in" in said
    decisions = landing / "policy_decisions" / "landed=20260305T100000Z"
    decisions.mkdir(parents=True)
    (decisions / "a.ndjson").write_text('{"id": "pd-landed"}\n')
    assert run(monkeypatch, "build") == 0
    assert "plan_versions.csv" not in capsys.readouterr().err
