"""Another plan over a month of events, by hand; the books keep every byte, whatever happens."""

import hashlib
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, sleep

import pytest
from dbt.cli.main import dbtRunner

from python_ext import cli
from python_ext.publish import publish
from python_ext.runner import Scope
from python_ext.what_if import REBUILT
from tests.scenarios.conftest import Warehouse, event

AS_IS = """
plan_id = "saas_enterprise"
[lines.decisions]
charge_model = "graduated"
tiers.USD = [
    {up_to_quantity = 500, unit_price = 0.016},
    {up_to_quantity = 2000, unit_price = "0.0120"},
    {unit_price = 0.009},
]
"""

CHAPTERS = ("01_staging", "03_pricing", "05_contracts", "08_rating", "10_invoicing")


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Acme took 700 decisions in March 2026, Cobalt 350; what landed is put out of reach."""
    warehouse = Warehouse(tmp_path_factory.mktemp("books"))
    warehouse.land(
        "landed=20260402T100000Z/events.ndjson",
        event("a1", quantity=700),
        event("c1", quantity=350, tenant_id="cobalt-health"),
    )
    warehouse.build(scope=Scope(select=("+fct_invoices", "resource_type:seed"), is_checked=False))
    publish(warehouse.settings.database, warehouse.settings.published)
    landing = warehouse.settings.landing
    landing.rename(landing.with_name("landed"))
    return warehouse


@pytest.fixture
def scratch(
    books: Warehouse, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The settings of the machine name `books`; the folder for temporary files is returned."""
    folder = tmp_path_factory.mktemp("scratch")
    for name in ("CATALOGUE", "AS_OF", "THREADS", "MEMORY"):
        monkeypatch.delenv(f"METERHOUSE_{name}", raising=False)
    monkeypatch.setenv("METERHOUSE_DB", str(books.settings.database))
    monkeypatch.setenv("METERHOUSE_PUBLISHED", str(books.settings.published))
    monkeypatch.setenv("METERHOUSE_LANDING", str(books.settings.landing))
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr("tempfile.tempdir", None)
    return folder


@pytest.fixture(autouse=True)
def _the_books_keep_every_byte(books: Warehouse, scratch: Path) -> Iterator[None]:
    before = contents(books.folder)
    yield
    assert contents(books.folder) == before


def contents(folder: Path) -> dict[Path, str]:
    return {
        path: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


Ask = Callable[..., tuple[int, str, str]]


@pytest.fixture
def ask(
    scratch: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Ask:
    """`meterhouse what-if` with a plan of some text: exit code, and what it printed where."""

    def run(text: str, *options: str) -> tuple[int, str, str]:
        monkeypatch.chdir(tmp_path)
        Path("other.toml").write_text(text)
        monkeypatch.setattr(
            sys, "argv", ["meterhouse", "what-if", "--plan", "other.toml", *options]
        )
        with pytest.raises(SystemExit) as ending:
            cli.main()
        assert list(scratch.iterdir()) == []
        return int(ending.value.code or 0), *capsys.readouterr()

    return run


def rows(printed: str) -> list[list[str]]:
    """The rows of all tables, without their titles, heads and notes."""
    lines = [re.split(r" {2,}", line.strip()) for line in printed.splitlines()]
    return [line for line in lines if len(line) > 3 and line[0] != "tenant"]


def test_only_what_plan_lines_reach_is_built(
    books: Warehouse, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(books.settings.root)
    arguments = [
        "ls",
        "--resource-type",
        "model",
        "--select",
        *REBUILT,
        "--output",
        "path",
        "--log-level",
        "none",
    ]
    outcome = dbtRunner().invoke([*arguments, "--target-path", str(scratch)])
    chapters = {"/".join(path.split("/")[:2]) for path in outcome.result or ()}
    assert chapters == {f"models/{name}" for name in CHAPTERS}
    assert not [path for path in outcome.result or () if "/landing/" in path]


def test_the_plan_as_it_is_changes_nothing_and_says_so_twice(
    ask: Ask,
) -> None:
    first, again = (ask(AS_IS) for _ in range(2))
    assert first[:2] == again[:2]
    title, *_ = first[1].splitlines()
    assert title.strip() == "saas_enterprise as in other.toml, 2026-03, net of tax"
    assert rows(first[1]) == [
        ["acme-robotics", "USD", "3,803.20", "3,803.20", "0.00"],
        ["borealis-bank", "USD", "3,500.00", "3,500.00", "0.00"],
        ["harbor-insurance", "USD", "3,100.00", "3,100.00", "0.00"],
        ["all", "USD", "10,403.20", "10,403.20", "0.00"],
    ]
    assert "Without a price under the plan: none" in first[1]


def test_a_doubled_price_is_200_times_16_thousandths_more(
    ask: Ask,
) -> None:
    text = AS_IS.replace("0.016", "0.032")
    code, printed, _ = ask(text, "--tenant", "acme-robotics")
    assert (code, rows(printed)) == (
        0,
        [
            ["acme-robotics", "USD", "3,803.20", "3,806.40", "+3.20"],
            ["all", "USD", "3,803.20", "3,806.40", "+3.20"],
        ],
    )


def test_what_a_plan_without_the_line_does_not_price_is_listed(
    ask: Ask,
) -> None:
    text = 'plan_id = "saas_enterprise"\nremove = ["decisions"]'
    options = ("--from", "2026-02", "--to", "2026-03", "--tenant", "acme-robotics")
    code, printed, _ = ask(text, *options)
    assert (code, rows(printed)[1:]) == (
        0,
        [
            ["all", "USD", "7,603.20", "7,600.00", "-3.20"],
            ["acme-robotics", "meter:policy_decisions", "0", "700"],
        ],
    )


def test_all_versions_in_force_in_the_period_are_others(
    ask: Ask,
) -> None:
    """July is 15 of 31 days at 451 EUR and 16 at 478, so 464.94, and would be 1,000."""
    text = 'plan_id = "saas_pro"\nlines.base.tiers.EUR = [{flat_amount = 1000}]'
    options = ("--from", "2025-07", "--to", "2025-07", "--tenant", "cobalt-health")
    code, printed, _ = ask(text, *options)
    assert (code, rows(printed)[0][4]) == (0, "+535.06")


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("plan_id = 'pro'", (), " plan_id: pro is not in price_plans.csv. Name one of internal_"),
        (
            "plan_id = 'saas_pro'",
            ("--to", "2024-12"),
            " plan_id: no contract has saas_pro from 2024-12 to 2024-12. Name a period",
        ),
        (
            "plan_id = 'saas_pro'",
            ("--tenant", "acme-robotics"),
            "--tenant acme-robotics: it does not have saas_pro from 2026-03 to 2026-03. Name one",
        ),
        (
            "plan_id = 'saas_pro'",
            ("--from", "2026-03", "--to", "2026-02"),
            "--to 2026-02: it is before --from 2026-03.",
        ),
        (
            "plan_id = 'saas_pro'\nlines.deals.meter_id = 'faxes'\nlines.deals.pack_id = 'telex'",
            (),
            ": 2 findings, listed above. Correct them.",
        ),
        (
            "plan_id = 'saas_pro'\nlines.deals.meter_id = 'faxes'",
            (),
            " lines.deals: meter_id names faxes, which is not in meters.csv. Correct it",
        ),
    ],
)
def test_what_cannot_be_asked_ends_in_a_message(
    ask: Ask,
    text: str,
    options: tuple[str, ...],
    message: str,
) -> None:
    code, printed, error = ask(text, *options)
    assert (code, printed) == (2, "")
    start = "error: " if message.startswith("--") else "error: other.toml"
    assert f"{start}{message}" in error
    assert "Traceback" not in error


@pytest.mark.parametrize(
    ("number", "begun"), [(signal.SIGTERM, "*.dbt"), (signal.SIGKILL, "*.duckdb")]
)
def test_a_run_that_is_killed_leaves_the_books_as_they_are(
    scratch: Path, tmp_path: Path, number: signal.Signals, begun: str
) -> None:
    """One is stopped while dbt runs, the other killed as soon as there is a copy."""
    (tmp_path / "other.toml").write_text(AS_IS)
    command = [Path(sys.executable).with_name("meterhouse"), "what-if", "--plan", "other.toml"]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as run:
        until = monotonic() + 60
        while not list(scratch.glob(f"*/{begun}")) and run.poll() is None and monotonic() < until:
            sleep(0.05)
        assert run.poll() is None
        run.send_signal(number)
        _, error = run.communicate()
    assert run.returncode != 0
    assert "Traceback" not in error
    assert bool(list(scratch.iterdir())) == (number == signal.SIGKILL)
