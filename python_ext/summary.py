"""What a person wants to know after a build, read from the database that it made."""

from collections.abc import Sequence
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console
from rich.table import Table

from python_ext.runner import BuildResult

REPORTING_DECIMALS = 2
"""Minor unit of the reporting currency, US dollar."""

EVENTS = """
    select outcome, cast(sum(line_count) as bigint) from (
        select '1 accepted' as outcome, count(*) as line_count from fct_usage_events
        union all select '2 duplicate', count(*) from fct_duplicate_events
        union all select '3 rejected: ' || reason, count(*) from fct_rejected_events group by reason
    ) group by outcome order by outcome
"""
READINGS = "select count(*) from fct_meter_readings where is_current"
# One amount that is not known makes its total unknown.
INVOICES = """
    select
        invoices.currency_code, invoices.status, count(*),
        case when count(total_amount) = count(*) then sum(total_amount) end,
        any_value(currencies.minor_unit)
    from fct_invoices as invoices
    left join dim_currencies as currencies on invoices.currency_code = currencies.currency_code
    where invoices.is_current
    group by invoices.currency_code, invoices.status
    order by invoices.currency_code, invoices.status
"""
MARGINS = """
    select
        tenant_id || case when is_internal then ' (internal)' else '' end,
        case when count(revenue_usd) = count(*) then sum(revenue_usd) end,
        case when count(cogs_usd) = count(*) then sum(cogs_usd) end,
        case when count(gross_margin_usd) = count(*) then sum(gross_margin_usd) end
    from rpt_tenant_pnl
    where revenue_basis = 'rated'
    group by tenant_id, is_internal
    order by is_internal, tenant_id
"""
SEAMS = """
    select
        replace(seam, '_', ' ') || ': ' || first_side || ' = ' || second_side,
        sum(subject_count), sum(differing_count)
    from rpt_reconciliation_summary
    group by seam_number, seam, first_side, second_side
    order by seam_number
"""
FINDINGS = """
    select
        severity, monitor, count(*), max(last_seen_date), any_value(remedy)
    from fct_quality_findings
    where is_open and severity <> 'info'
    group by severity, monitor
    order by severity, monitor
"""


def show(database: Path, console: Console, result: BuildResult) -> None:
    """Print the figures in `database` and what became of the checks.

    A table that is empty or was not built is shown as such, and an amount that is NULL as unknown.
    """
    with closing(duckdb.connect(database, read_only=True)) as connection:
        _show_events(connection, console)
        _show_invoices(connection, console)
        _show_margins(connection, console)
        _show_reconciliations(connection, console)
        _show_findings(connection, console)
    _show_checks(console, result)


def money(amount: Decimal | None, decimals: int | None = REPORTING_DECIMALS) -> str:
    """An amount with thousands separators, or the word unknown."""
    places = REPORTING_DECIMALS if decimals is None else decimals
    return "unknown" if amount is None else f"{amount:,.{places}f}"


def margin_ratio(revenue: Decimal | None, margin: Decimal | None) -> str:
    """Margin as a percentage of revenue; without revenue there is none."""
    if revenue is None or margin is None:
        return "unknown"
    return f"{margin / revenue:.1%}" if revenue else "-"


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> Sequence[tuple[Any, ...]] | None:
    """The rows of a query, or None where a table it reads has not been built."""
    try:
        return connection.execute(query).fetchall()
    except (duckdb.CatalogException, duckdb.BinderException):
        return None


def grid(title: str, *columns: str) -> Table:
    """A table whose first column is text and whose others are figures."""
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left", no_wrap=True)
    return table


def _print(console: Console, table: Table, rows: Sequence[object] | None) -> None:
    if rows:
        console.print(table)
    else:
        state = "not built" if rows is None else "none"
        console.print(f"[bold]{table.title}[/bold]: {state}", highlight=False)
    console.print()


def _show_events(connection: duckdb.DuckDBPyConnection, console: Console) -> None:
    rows = _rows(connection, EVENTS)
    table = grid("Usage events", "outcome", "lines")
    table.add_row("received", f"{sum(count for _, count in rows or ()):,}")
    for outcome, count in rows or ():
        table.add_row(outcome[2:], f"{count:,}")
    readings = _rows(connection, READINGS)
    for (count,) in readings or ():
        table.add_row("meter readings made of them", f"{count:,}")
    _print(console, table, rows)


def _show_invoices(connection: duckdb.DuckDBPyConnection, console: Console) -> None:
    rows = _rows(connection, INVOICES)
    table = grid("Invoices", "status", "currency", "invoices", "total")
    for currency, status, count, total, minor_unit in rows or ():
        table.add_row(status, currency, f"{count:,}", money(total, minor_unit))
    _print(console, table, rows)


def _show_margins(connection: duckdb.DuckDBPyConnection, console: Console) -> None:
    rows = _rows(connection, MARGINS)
    table = grid("Margin, all months, USD", "tenant", "revenue", "cost", "margin", "ratio")
    for tenant, revenue, cost, margin in rows or ():
        table.add_row(
            tenant, money(revenue), money(cost), money(margin), margin_ratio(revenue, margin)
        )
    _print(console, table, rows)


def _show_reconciliations(connection: duckdb.DuckDBPyConnection, console: Console) -> None:
    rows = _rows(connection, SEAMS)
    table = grid("Reconciliation", "seam", "compared", "differ")
    for seam, compared, differ in rows or ():
        table.add_row(seam, f"{compared:,}", f"{differ:,}")
    _print(console, table, rows)


def _show_findings(connection: duckdb.DuckDBPyConnection, console: Console) -> None:
    rows = _rows(connection, FINDINGS)
    table = grid("Open findings", "monitor", "severity", "found", "last seen", "what to do")
    table.columns[-1].justify, table.columns[-1].no_wrap = "left", False
    for severity, monitor, count, last_seen, remedy in rows or ():
        table.add_row(monitor, severity, f"{count:,}", str(last_seen), remedy)
    _print(console, table, rows)


def _show_checks(console: Console, result: BuildResult) -> None:
    failing = [failure for failure in result.failures if failure.kind != "skipped"]
    skipped = len(result.failures) - len(failing)
    for title, failures in (("Failing", failing), ("Warnings", result.warnings)):
        console.print(f"[bold]{title}[/bold]: {len(failures) or 'none'}", highlight=False)
        for failure in failures:
            text = failure.message
            if failure.name not in text:
                text = f"{failure.name}: {text}"
            console.print("  " + text.replace("\n", "\n    "), markup=False, highlight=False)
    if skipped:
        console.print(f"Not run because of these: {skipped}", highlight=False)
    console.print(
        f"{result.node_count} seeds, models and tests in {result.seconds:.0f} s", highlight=False
    )
