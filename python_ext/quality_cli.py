"""meterhouse quality: what is expected of the published marts, checked and shown."""

import os
from contextlib import closing
from typing import Annotated

import duckdb
import typer
from rich.console import Console
from rich.table import Table

from python_ext.errors import MeterhouseError
from python_ext.expectations import Outcome, Report, Severity
from python_ext.expectations_suites import SUITES
from python_ext.scratch import scratch
from python_ext.settings import from_environment

DOCS = "quality"
"""Folder of Data Docs, beside the published file that they speak of."""


def quality(
    write_docs: Annotated[
        bool, typer.Option("--docs/--no-docs", help="Write Data Docs, pages of HTML.")
    ] = True,
) -> None:
    """Check what is published against what is usual: distributions, freshness, volume, values."""
    settings = from_environment(os.environ)
    published = settings.published
    database = published / "meterhouse.duckdb"
    if not database.is_file():
        raise MeterhouseError(str(database), "nothing is published", "run meterhouse build")
    try:
        from python_ext import expectations_run  # an extra, and slow to load
    except ImportError as error:
        raise MeterhouseError(
            "great_expectations",
            f"it cannot be loaded ({error})",
            "install it: pip install 'meterhouse[quality]'",
        ) from error
    docs = published / DOCS if write_docs else None
    with (
        scratch("meterhouse-quality-") as folder,
        closing(duckdb.connect(database, read_only=True)) as connection,
    ):
        connection.execute(f"set memory_limit = '{settings.memory}'")
        report = expectations_run.check(connection, SUITES, folder, docs)
    show(report, Console(highlight=False, soft_wrap=True))
    if docs and report.outcomes:
        typer.echo(f"Data Docs: {docs / 'index.html'}")
    if report.failing(Severity.CRITICAL):
        raise typer.Exit(1)


def show(report: Report, console: Console) -> None:
    """Print a line for each mart of a suite, then each claim that fails, the worst first."""
    title = f"Expectations of what is published, as of {report.as_of or 'nothing landed'}"
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for column in ("suite", "mart"):
        table.add_column(column, no_wrap=True)
    for column in ("met", *(severity.value for severity in Severity)):
        table.add_column(column, justify="right", no_wrap=True)
    rows = dict.fromkeys((each.suite, each.batch.mart) for each in report.outcomes)
    for mart in rows:
        of_mart = [each for each in report.outcomes if (each.suite, each.batch.mart) == mart]
        failed = [each.claim.severity for each in of_mart if not each.is_met]
        counts = [failed.count(severity) for severity in Severity]
        cells = (str(count) if count else "" for count in counts)
        table.add_row(*mart, str(len(of_mart) - len(failed)), *cells)
    console.print(table)
    for severity in Severity:
        for outcome in report.failing(severity):
            _show_failure(outcome, console)
    console.print()
    if report.unjudged:
        marts = dict.fromkeys(batch.mart for batch, _ in report.unjudged)
        console.print(
            f"{len(report.unjudged)} expectations have no rows to judge yet, of {', '.join(marts)}"
        )
    met = sum(each.is_met for each in report.outcomes)
    found = ", ".join(f"{len(report.failing(severity))} {severity.value}" for severity in Severity)
    console.print(f"{len(report.outcomes)} expectations: {met} met; not met: {found}")


def _show_failure(outcome: Outcome, console: Console) -> None:
    claim = outcome.claim
    lines = [
        "",
        f"{claim.severity.value}: {outcome.batch.mart}.{claim.column}: {claim.says}",
        f"  {claim.text}" + (f", observed {outcome.observed}" if outcome.observed else ""),
        *(f"    {example.subject}: {example.value}" for example in outcome.examples),
    ]
    more = outcome.failing_count - len(outcome.examples)
    if more > 0:
        lines.append(f"    and {more:,} more")
    console.print("\n".join(lines), markup=False)
