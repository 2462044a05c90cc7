"""What invoices would be under another plan, worked out in a copy of the books."""

import re
import shutil
from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
from rich.console import Console

from python_ext.catalogue_tables import TABLES
from python_ext.errors import MeterhouseError
from python_ext.explain import plain
from python_ext.runner import Scope, build
from python_ext.scratch import scratch
from python_ext.settings import Settings
from python_ext.summary import grid, money
from python_ext.what_if_plan import CHANGED, Cells, OtherPlan, changed, findings

REBUILT = tuple(f"stg_catalogue__{table}+,+fct_charges" for table in CHANGED)
"""What plan lines reach on their way to invoices: neither landing nor metering is among it."""

SCRATCH = "meterhouse-what-if-"

HELD = """
    select distinct
        segments.contract_id, segments.tenant_id, segments.currency_code, segments.minor_unit,
        segments.plan_version_id
    from fct_contract_segments as segments
    inner join dim_plan_versions as versions
        on segments.plan_version_id = versions.plan_version_id
    where versions.plan_id = ? and segments.period_month between ? and ?
"""

INVOICED = """
    select charges.tenant_id, periods.currency_code, sum(charges.amount)
    from fct_charges as charges
    inner join fct_billing_periods as periods using (billing_period_id)
    where charges.contract_id in (select unnest(?)) and periods.period_month between ? and ?
    group by charges.tenant_id, periods.currency_code
"""

UNPRICED = """
    select tenant_id, meter_id, sum(quantity)
    from fct_rated_usage
    where is_current and status = 'unpriced' and tenant_id in (select unnest(?))
        and period_month between ? and ?
    group by tenant_id, meter_id
"""

AS_OF = "select cast(date_trunc('month', as_of_at) as date) from dim_as_of"


@dataclass(frozen=True)
class Question:
    """What is asked: `first` and `last` are first days of months, both in the period.

    Without a last month it is the newest that has ended, without a first one the last alone.
    Without a tenant it is all that have the plan.
    """

    plan: OtherPlan
    first: date | None = None
    last: date | None = None
    tenant_id: str | None = None


@dataclass(frozen=True)
class Months:
    """The first days of the first and the last month, both in the period."""

    first: date
    last: date


@dataclass(frozen=True)
class Change:
    """Net amounts before tax of a tenant's invoices: as they are, and under the other plan."""

    tenant_id: str
    currency_code: str
    minor_unit: int
    now: Decimal
    other: Decimal


@dataclass(frozen=True)
class Unpriced:
    """Quantities of a tenant's meter that no line prices: as it is, and under the other plan."""

    tenant_id: str
    meter_id: str
    now: Decimal
    other: Decimal


@dataclass(frozen=True)
class Outcome:
    """What became of the tenants that have the plan in the period, sorted by their ids."""

    months: Months
    changes: Sequence[Change]
    unpriced: Sequence[Unpriced]


@dataclass(frozen=True)
class _Books:
    """What is read of the books before they are copied."""

    months: Months
    minor_units: Mapping[tuple[str, str], int]  # by tenant and currency
    contracts: Sequence[str]
    versions: Collection[str]
    tables: Mapping[str, Sequence[Cells]]


def what_if(settings: Settings, question: Question, target: str, console: Console) -> Outcome:
    """Rate a period under another plan, and compare with the invoices in the database.

    The catalogue is the one that the books were made with. The database is read and copied; all
    else happens in the system's temporary folder. Raises MeterhouseError for a plan that breaks a
    rule of the catalogue (several are listed on `console`), books that are not built or are in use,
    and a plan that nobody has in the period.
    """
    plan = question.plan
    with scratch(SCRATCH) as folder:
        copy = folder / settings.database.name  # views name their database
        with closing(_open(settings.database)) as connection:
            try:
                books = _read(connection, question)
                now = _figures(connection, books)
            except (duckdb.CatalogException, duckdb.BinderException) as error:
                raise MeterhouseError(
                    str(settings.database),
                    f"it is not built up to invoices ({str(error).splitlines()[0]})",
                    "run meterhouse build",
                ) from None
            tables = changed(plan, books.versions, books.tables)
            catalogue = {**books.tables, **tables}
            errors = findings(plan, books.versions, catalogue, folder / "catalogue")
            _refuse(plan, errors, console)
            _copy(settings.database, copy)  # while it is open, nobody writes to it
        with closing(duckdb.connect(copy)) as connection:
            for name, rows in tables.items():
                _write(connection, name, rows)
        # There is no landing folder here, so that nothing could be read from it.
        elsewhere = replace(
            settings, database=copy, landing=folder / "landing", published=folder, as_of=None
        )
        part = Scope(target, REBUILT, is_checked=False)
        result = build(elsewhere, settings.root / "seeds", part, console)
        for failure in result.failures:
            raise MeterhouseError(
                f"{plan.file} in {failure.name}", failure.message, "correct it and run this again"
            )
        with closing(duckdb.connect(copy, read_only=True)) as connection:
            other = _figures(connection, books)
    zero = Decimal(0)
    return Outcome(
        books.months,
        [
            Change(*key, minor_unit, now[0].get(key, zero), other[0].get(key, zero))
            for key, minor_unit in sorted(books.minor_units.items())
        ],
        [
            Unpriced(*key, now[1].get(key, zero), quantity)
            for key, quantity in sorted(other[1].items())
        ],
    )


def parse_month(option: str, text: str) -> date:
    """The first day of a month written YYYY-MM. Raises MeterhouseError for another text."""
    if not re.fullmatch(r"[1-9]\d{3}-(0[1-9]|1[0-2])", text, re.ASCII):
        raise MeterhouseError(f"{option} {text}", "a month is expected", "for example 2026-03")
    return date.fromisoformat(f"{text}-01")


def show(outcome: Outcome, plan: OtherPlan, console: Console) -> None:
    """Print the changes by tenant and by currency, and what would have no price."""
    first, last = f"{outcome.months.first:%Y-%m}", f"{outcome.months.last:%Y-%m}"
    months = first if first == last else f"{first} to {last}"
    title = f"{plan.plan_id} as in {plan.file.name}, {months}, net of tax"
    table = grid(title, "tenant", "currency", "invoiced", "under the plan", "difference")
    totals: dict[str, Change] = {}
    for change in outcome.changes:
        table.add_row(*_cells(change))
        former = totals.get(change.currency_code)
        totals[change.currency_code] = replace(
            change,
            tenant_id="all",
            now=change.now + (former.now if former else 0),
            other=change.other + (former.other if former else 0),
        )
    table.add_section()
    for _, total in sorted(totals.items()):
        table.add_row(*_cells(total))
    console.print(table)
    console.print()
    if not outcome.unpriced:
        console.print("[bold]Without a price under the plan[/bold]: none", highlight=False)
        return
    table = grid("Without a price under the plan", "tenant", "meter", "now", "under the plan")
    for row in outcome.unpriced:
        table.add_row(row.tenant_id, row.meter_id, plain(row.now), plain(row.other))
    console.print(table)


def _cells(change: Change) -> list[str]:
    difference = change.other - change.now
    return [
        change.tenant_id,
        change.currency_code,
        money(change.now, change.minor_unit),
        money(change.other, change.minor_unit),
        ("+" if difference > 0 else "") + money(difference, change.minor_unit),
    ]


def _read(connection: duckdb.DuckDBPyConnection, question: Question) -> _Books:
    plan, tenant_id = question.plan, question.tenant_id
    tables = {name: _table(connection, name) for name in TABLES}
    plans = sorted(row["plan_id"] for row in tables["price_plans"])
    if plan.plan_id not in plans:
        raise MeterhouseError(
            f"{plan.file} plan_id",
            f"{plan.plan_id} is not in price_plans.csv",
            f"name one of {', '.join(plans)}",
        )
    as_of = connection.execute(AS_OF).fetchone()
    months = _months(question, as_of[0] if as_of and as_of[0] else date.max)
    held = connection.execute(HELD, [plan.plan_id, months.first, months.last]).fetchall()
    when = f"from {months.first:%Y-%m} to {months.last:%Y-%m}"
    if not held:
        raise MeterhouseError(
            f"{plan.file} plan_id",
            f"no contract has {plan.plan_id} {when}",
            "name a period with --from and --to in which one has it",
        )
    named = [row for row in held if tenant_id in (None, row[1])]
    if not named:
        raise MeterhouseError(
            f"--tenant {tenant_id}",
            f"it does not have {plan.plan_id} {when}",
            f"name one of {', '.join(sorted({row[1] for row in held}))}",
        )
    return _Books(
        months,
        {(tenant, currency): minor_unit for _, tenant, currency, minor_unit, _ in named},
        sorted({row[0] for row in named}),
        {row[4] for row in held},
        tables,
    )


def _months(question: Question, as_of_month: date) -> Months:
    first, last = question.first, question.last
    if last is None:
        ended = (as_of_month - timedelta(days=1)).replace(day=1)
        last = max(first or ended, ended)
    if first and first > last:
        raise MeterhouseError(
            f"--to {last:%Y-%m}", f"it is before --from {first:%Y-%m}", "name the last month"
        )
    return Months(first or last, last)


def _figures(
    connection: duckdb.DuckDBPyConnection, books: _Books
) -> tuple[dict[tuple[str, str], Decimal], dict[tuple[str, str], Decimal]]:
    """Net amounts by tenant and currency, and quantities without a price by tenant and meter."""
    months = [books.months.first, books.months.last]
    tenants = sorted({tenant for tenant, _ in books.minor_units})
    invoiced = connection.execute(INVOICED, [books.contracts, *months]).fetchall()
    unpriced = connection.execute(UNPRICED, [tenants, *months]).fetchall()
    return (
        {(tenant, currency): amount for tenant, currency, amount in invoiced},
        {(tenant, meter): quantity for tenant, meter, quantity in unpriced},
    )


def _refuse(plan: OtherPlan, errors: Sequence[MeterhouseError], console: Console) -> None:
    if len(errors) == 1:
        raise errors[0]
    for error in errors:
        console.print(str(error), markup=False, highlight=False, soft_wrap=True)
    if errors:
        raise MeterhouseError(
            str(plan.file), f"{len(errors)} findings, listed above", "correct them"
        )


def _open(database: Path) -> duckdb.DuckDBPyConnection:
    if not database.is_file():
        raise MeterhouseError(str(database), "there is no such database", "run meterhouse build")
    try:
        return duckdb.connect(database, read_only=True)
    except duckdb.IOException as error:
        raise MeterhouseError(
            str(database),
            f"it cannot be read ({str(error).splitlines()[0]})",
            "wait for the build that is using it, or build again",
        ) from None


def _table(connection: duckdb.DuckDBPyConnection, name: str) -> list[Cells]:
    """The rows of a seed; all of its columns are text."""
    columns = list(TABLES[name].columns)
    rows = connection.execute(f"select {', '.join(columns)} from {name}").fetchall()
    return [dict(zip(columns, (cell or "" for cell in row), strict=True)) for row in rows]


def _write(connection: duckdb.DuckDBPyConnection, name: str, rows: Sequence[Cells]) -> None:
    columns = list(TABLES[name].columns)
    places = ", ".join("?" for _ in columns)
    connection.execute(f"delete from {name}")
    if rows:
        connection.executemany(
            f"insert into {name} ({', '.join(columns)}) values ({places})",
            [[row[column] or None for column in columns] for row in rows],
        )


def _copy(database: Path, copy: Path) -> None:
    log = database.with_name(f"{database.name}.wal")  # what a killed build had not yet moved over
    needed, free = 2 * database.stat().st_size, shutil.disk_usage(copy.parent).free
    if needed > free:
        raise MeterhouseError(
            str(copy.parent.parent),
            f"a copy of the database needs {needed:,} bytes, and {free:,} are free",
            "name a folder with more room in TMPDIR",
        )
    shutil.copyfile(database, copy)
    if log.is_file():
        shutil.copyfile(log, copy.with_name(f"{copy.name}.wal"))
