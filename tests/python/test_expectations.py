"""Suites of expectations: what fails is named with its mart, column, expectation and rows."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
import yaml
from typer.testing import CliRunner

import python_ext
from python_ext import quality_cli
from python_ext.cli import app
from python_ext.errors import MeterhouseError
from python_ext.expectations import (
    Batch,
    Claim,
    Example,
    Report,
    Severity,
    Suite,
    all_there,
    each_between,
    each_in,
    mean_between,
    median_between,
    stdev_between,
)
from python_ext.expectations_history import WEEKLY, Series, against_history, freshness
from python_ext.expectations_limits import Range
from python_ext.expectations_suites import SUITES

CLAIMS = [
    (suite, batch, claim) for suite in SUITES for batch in suite.batches for claim in batch.claims
]
SAYS = "somebody should look"
THINGS = "select thing_id, colour, cast(amount as double) as amount from fct_things"


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A published file with things, as of 10 March 2026."""
    folder = tmp_path / "published"
    folder.mkdir()
    with duckdb.connect(folder / "meterhouse.duckdb") as connection:
        connection.execute(
            "create table dim_as_of as select timestamp '2026-03-10 06:00' as as_of_at"
        )
        connection.execute(
            "create table fct_things"
            " (thing_id text, colour text, amount decimal(18, 2), thing_date date)"
        )
        yield connection


def things(
    connection: duckdb.DuckDBPyConnection, *amounts: float | None, colour: str = "red"
) -> None:
    for number, amount in enumerate(amounts, 1):
        connection.execute(
            "insert into fct_things values (?, ?, ?, null)", [f"t{number}", colour, amount]
        )


def suite(*claims: Claim) -> Suite:
    return Suite("shop", (Batch("things", "fct_things", THINGS, ("thing_id",), claims),))


def checked(connection: duckdb.DuckDBPyConnection, folder: Path, *suites: Suite) -> Report:
    from python_ext.expectations_run import check  # seconds that only those who run this pay

    scratch = folder / "scratch"
    scratch.mkdir(exist_ok=True)
    return check(connection, suites, scratch)


def look(connection: duckdb.DuckDBPyConnection, folder: Path, *claims: Claim) -> Report:
    return checked(connection, folder, suite(*claims))


@pytest.mark.parametrize(
    ("claim", "wrong", "found"),
    [
        pytest.param(
            each_between("amount", Range(1, 3), Severity.WARNING, SAYS),
            (1, 2, 3, 3.01, 0.99),
            ("", (Example("thing_id=t4", "3.01"), Example("thing_id=t5", "0.99"))),
            id="each_between",
        ),
        pytest.param(
            mean_between("amount", Range(1, 3), Severity.CRITICAL, SAYS),
            (2, 9, 1),
            (
                "4",
                (
                    Example("thing_id=t2", "9"),
                    Example("thing_id=t1", "2"),
                    Example("thing_id=t3", "1"),
                ),
            ),
            id="mean_between",
        ),
        pytest.param(
            median_between("amount", Range(1, 3), Severity.CRITICAL, SAYS),
            (2, 0, 0.5),
            (
                "0.5",
                (
                    Example("thing_id=t2", "0"),
                    Example("thing_id=t3", "0.5"),
                    Example("thing_id=t1", "2"),
                ),
            ),
            id="median_between",
        ),
        pytest.param(
            stdev_between("amount", Range(0, 1), Severity.INFO, SAYS),
            (1, 1, 10),
            (
                "5.19615",
                (
                    Example("thing_id=t3", "10"),
                    Example("thing_id=t1", "1"),
                    Example("thing_id=t2", "1"),
                ),
            ),
            id="stdev_between",
        ),
    ],
)
def test_a_figure_out_of_its_limits_is_named_with_its_rows(
    warehouse: duckdb.DuckDBPyConnection,
    tmp_path: Path,
    claim: Claim,
    wrong: tuple[float, ...],
    found: tuple[str, tuple[Example, ...]],
) -> None:
    things(warehouse, *wrong)
    (outcome,) = look(warehouse, tmp_path, claim).outcomes
    assert not outcome.is_met
    assert (outcome.batch.mart, outcome.claim) == ("fct_things", claim)
    assert (outcome.observed, outcome.examples) == found

    warehouse.execute("delete from fct_things")
    things(warehouse, 1, 2, 3, None)
    (outcome,) = look(warehouse, tmp_path, claim).outcomes
    assert outcome.is_met


def test_a_value_that_nobody_knows_and_one_that_is_missing_are_named(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    claims = (
        each_in("colour", ("red", "blue"), Severity.CRITICAL, SAYS),
        all_there("colour", ("red", "blue"), Severity.CRITICAL, SAYS),
    )
    things(warehouse, 1, colour="red")
    things(warehouse, 1, colour="green")
    unknown, absent = look(warehouse, tmp_path, *claims).outcomes
    assert (unknown.is_met, unknown.examples) == (False, (Example("thing_id=t1", "green"),))
    assert (absent.is_met, absent.examples) == (False, (Example("colour=blue", "missing"),))

    warehouse.execute("update fct_things set colour = 'blue' where colour = 'green'")
    assert all(outcome.is_met for outcome in look(warehouse, tmp_path, *claims).outcomes)


def test_five_rows_are_enough_to_see_and_the_others_are_counted(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    things(warehouse, *range(10, 18))
    claim = each_between("amount", Range(None, 10), Severity.WARNING, SAYS)
    (outcome,) = look(warehouse, tmp_path, claim).outcomes
    assert (len(outcome.examples), outcome.failing_count) == (5, 7)


def test_a_column_without_values_is_not_judged(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    mean = mean_between("amount", Range(1, 3), Severity.CRITICAL, SAYS)
    stdev = stdev_between("amount", Range(0, 1), Severity.CRITICAL, SAYS)
    assert [claim for _, claim in look(warehouse, tmp_path, mean).unjudged] == [mean]
    things(warehouse, None, 1)
    report = look(warehouse, tmp_path, mean, stdev)
    assert [outcome.claim for outcome in report.outcomes] == [mean]
    assert [claim for _, claim in report.unjudged] == [stdev]


def test_a_claim_that_cannot_be_looked_at_fails_and_says_why(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    things(warehouse, 1, 2)
    claim = mean_between("colour", Range(1, 3), Severity.CRITICAL, SAYS)
    (outcome,) = look(warehouse, tmp_path, claim).outcomes
    assert not outcome.is_met
    assert outcome.observed.startswith("nothing: ")
    assert "\n" not in outcome.observed


def history(connection: duckdb.DuckDBPyConnection, series: Series) -> dict[str, tuple[float, ...]]:
    rows = connection.execute(against_history(series)).fetchall()
    return {str(row[1]): row[2:] for row in sorted(rows)}


def on_days(connection: duckdb.DuckDBPyConnection, days: dict[str, int]) -> None:
    """So many things on each of these days."""
    for day, count in days.items():
        connection.execute(
            "insert into fct_things select 't', 'red', 1, ? from range(?)", [day, count]
        )


MONTHS = Series(
    "select colour, date_trunc('month', thing_date) as month, count(*) as n"
    " from fct_things group by all",
    ("colour",),
    "month",
    counts=("n",),
)


def test_a_month_is_compared_with_the_median_of_those_before(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    usual = {f"2025-{month:02}-07": 4 for month in (7, 8, 9, 10, 11)}
    on_days(warehouse, usual | {"2025-12-07": 8, "2026-01-07": 4, "2026-02-07": 1, "2026-03-07": 1})
    # March is going on, and what was before December was judged then.
    assert history(warehouse, MONTHS) == {
        "2025-12-01": (8, 2),
        "2026-01-01": (4, 1),
        "2026-02-01": (1, 0.25),
    }


def test_a_month_without_rows_counts_nothing_and_is_seen(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    on_days(warehouse, {"2025-10-07": 4, "2025-11-07": 4, "2025-12-07": 4, "2026-02-07": 4})
    found = history(warehouse, MONTHS)
    assert found == {"2025-12-01": (4, None), "2026-01-01": (0, 0), "2026-02-01": (4, 1)}


def test_a_series_of_few_rows_may_do_as_it_likes(warehouse: duckdb.DuckDBPyConnection) -> None:
    on_days(warehouse, {"2025-11-07": 4, "2025-12-07": 4, "2026-01-07": 4, "2026-02-07": 1})
    assert history(warehouse, replace(MONTHS, at_least=4))["2026-02-01"] == (1, 0.25)
    assert history(warehouse, replace(MONTHS, at_least=5))["2026-02-01"] == (1, None)


def test_what_is_not_stated_yet_is_not_missing(warehouse: duckdb.DuckDBPyConnection) -> None:
    on_days(warehouse, {f"2025-{month:02}-07": 4 for month in range(6, 12)})
    assert list(history(warehouse, MONTHS)) == ["2025-09-01", "2025-10-01", "2025-11-01"]


def test_mondays_are_compared_with_mondays(warehouse: duckdb.DuckDBPyConnection) -> None:
    mondays = {f"2026-02-{day:02}": 10 for day in (2, 9, 16, 23)}
    sundays = {f"2026-02-{day:02}": 2 for day in (1, 8, 15, 22)}
    on_days(warehouse, mondays | sundays | {"2026-03-01": 2, "2026-03-02": 5})
    series = Series(
        "select isodow(thing_date) as weekday, thing_date, count(*) as n from fct_things"
        " group by all",
        ("weekday",),
        "thing_date",
        counts=("n",),
        step=WEEKLY,
    )
    found = history(warehouse, series)
    assert (found["2026-03-01"], found["2026-03-02"]) == ((2, 1), (5, 0.5))


def test_a_mart_is_as_old_as_its_newest_row_before_as_of(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    claim = each_between("days_behind", Range(None, 3), Severity.CRITICAL, SAYS)
    behind = "date_diff('day', newest, as_of_at)"
    batch = freshness("fct_things", "max(thing_date)", behind, claim)
    for day, expected in (("2026-03-06", False), ("2026-03-07", True)):
        on_days(warehouse, {day: 1})
        (outcome,) = checked(warehouse, tmp_path, Suite("shop", (batch,))).outcomes
        assert outcome.is_met is expected
    warehouse.execute("delete from fct_things")
    report = checked(warehouse, tmp_path, Suite("shop", (batch,)))
    assert (report.outcomes, len(report.unjudged)) == ((), 1)


def test_a_mart_or_a_column_that_is_not_published_is_an_error(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    claim = each_between("amount", Range(1, 3), Severity.WARNING, SAYS)
    warehouse.execute("alter table fct_things drop column amount")
    with pytest.raises(MeterhouseError, match=r"^fct_things: it is not published as it is checked"):
        look(warehouse, tmp_path, claim)
    warehouse.execute("drop table dim_as_of")
    with pytest.raises(MeterhouseError, match=r"^dim_as_of: .* Run meterhouse build[.]$"):
        look(warehouse, tmp_path, claim)


# The command


@pytest.fixture
def shop(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Things of 1, 2 and 9 in a published file that the command reads; its folder."""
    things(warehouse, 1, 2, 9)
    warehouse.close()
    monkeypatch.setenv("METERHOUSE_PUBLISHED", str(tmp_path / "published"))
    return tmp_path / "published"


def run(monkeypatch: pytest.MonkeyPatch, severity: Severity, *options: str) -> tuple[int, str]:
    claim = each_between("amount", Range(0, 3), severity, SAYS)
    monkeypatch.setattr(quality_cli, "SUITES", (suite(claim),))
    result = CliRunner().invoke(app, ["quality", *options], catch_exceptions=False)
    return result.exit_code, result.output


def test_only_what_is_critical_ends_with_1(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    codes = {severity: run(monkeypatch, severity, "--no-docs")[0] for severity in Severity}
    assert codes == {Severity.CRITICAL: 1, Severity.WARNING: 0, Severity.INFO: 0}
    assert not (shop / "quality").exists()


def test_the_command_names_what_fails_and_where_the_pages_are(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, output = run(monkeypatch, Severity.WARNING)
    assert "warning: fct_things.amount: somebody should look" in output
    assert "ExpectColumnValuesToBeBetween(min_value 0, max_value 3)" in output
    assert "    thing_id=t3: 9\n" in output
    assert f"Data Docs: {shop / 'quality' / 'index.html'}\n" in output


def test_pages_are_written_whole_and_are_the_same_again(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outputs, pages = [], []
    for _ in range(2):
        outputs.append(run(monkeypatch, Severity.WARNING))
        found = sorted((shop / "quality").rglob("*.html"))
        pages.append({path: path.read_text(encoding="utf-8") for path in found})
        (shop / "quality" / "stale.html").touch()
    assert outputs[0] == outputs[1]
    assert pages[0].keys() == pages[1].keys()
    (page,) = [text for path, text in pages[0].items() if "validations" in path.parts]
    assert "thing_id=t3" in page
    assert any(SAYS in text for path, text in pages[0].items() if "expectations" in path.parts)
    assert not list(shop.glob(".quality*"))


def test_without_a_published_file_the_remedy_is_a_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("METERHOUSE_PUBLISHED", str(tmp_path))
    with pytest.raises(MeterhouseError, match=r"nothing is published\. Run meterhouse build[.]$"):
        CliRunner().invoke(app, ["quality"], catch_exceptions=False)


def test_without_great_expectations_the_remedy_is_to_install_it(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(python_ext, "expectations_run", raising=False)
    monkeypatch.setitem(sys.modules, "python_ext.expectations_run", None)
    with pytest.raises(MeterhouseError, match=r"pip install 'meterhouse\[quality\]'[.]$"):
        CliRunner().invoke(app, ["quality"], catch_exceptions=False)


# The suites


def test_batches_have_names_of_their_own_and_columns_for_their_claims() -> None:
    names = [(suite.name, batch.name) for suite in SUITES for batch in suite.batches]
    assert len(names) == len(set(names))
    claims = [(each[0].name, each[1].name, each[2].expectation, each[2].column) for each in CLAIMS]
    assert len(claims) == len(set(claims))


def test_what_dbt_accepts_is_not_claimed_again(project_root: Path) -> None:
    texts = [path.read_text(encoding="utf-8") for path in (project_root / "models").rglob("*.yml")]
    tested = {
        (model["name"], column["name"])
        for text in texts
        if "accepted_values" in text
        for model in yaml.safe_load(text)["models"]
        for column in model["columns"]
        if any("accepted_values" in test for test in column.get("data_tests", ()))
    }
    assert ("fct_invoices", "status") in tested
    sets = {
        (batch.mart, claim.column) for _, batch, claim in CLAIMS if "value_set" in claim.arguments
    }
    assert sets & tested == set()
