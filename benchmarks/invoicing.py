"""The benchmark of invoicing: 100,000 invoices of ten lines each, from usage that is rated."""

import json
import shutil
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from benchmarks import rating
from benchmarks.rating import MONTHS, connect, dbt, timed
from benchmarks.run import DATA, machine, span, versions
from python_ext.errors import MeterhouseError

RESULTS = Path(__file__).resolve().parent / "results_invoicing.json"
KIND_COUNT = 10


def agreements(tenants: int) -> str:
    """SQL that puts the contracts of `tenants`, who they are, and their billing periods."""
    return f"""
        create or replace temp table numbers as select unnest(range({tenants})) as number;
        create or replace temp table one_tenant as
            select * from dim_tenants where tenant_id = 'acme-robotics';
        insert into dim_tenants by name
            select one_tenant.* replace ('tenant-' || numbers.number as tenant_id)
            from one_tenant cross join numbers;
        create or replace temp table one_contract as
            select * from dim_contracts where contract_id = 'ct-acme-robotics';
        delete from dim_contracts;
        insert into dim_contracts by name
            select one_contract.* replace (
                'ct-' || numbers.number as contract_id, 'tenant-' || numbers.number as tenant_id
            )
            from one_contract cross join numbers;
        create or replace temp table one_term as
            select * from dim_tax_terms where contract_id = 'ct-acme-robotics';
        insert into dim_tax_terms by name
            select one_term.* replace ('ct-' || numbers.number as contract_id)
            from one_term cross join numbers;
        create or replace temp table one_period as
            select * from fct_billing_periods where contract_id = 'ct-acme-robotics' limit 1;
        delete from fct_billing_periods;
        delete from fct_contract_fees;
        insert into fct_billing_periods by name
            select
                one_period.* replace (
                    lines.billing_period_id as billing_period_id, lines.contract_id as contract_id,
                    lines.tenant_id as tenant_id, lines.period_month as period_month,
                    lines.full_day_count as full_day_count,
                    lines.period_month as fees_from_date, lines.period_month as period_start_date,
                    cast(lines.segment_end_at as date) as period_end_date,
                    cast(lines.segment_end_at as date) - 1 as tax_point_date,
                    cast(lines.segment_end_at as date) as bills_date,
                    lines.segment_end_at as bills_at, lines.segment_start_at as full_start_at,
                    lines.segment_end_at as full_end_at, lines.segment_start_at as period_start_at,
                    lines.segment_end_at as period_end_at
                )
            from one_period
            cross join (
                select distinct
                    billing_period_id, contract_id, tenant_id, period_month, full_day_count,
                    segment_start_at, segment_end_at
                from fct_contract_lines
            ) as lines
    """


FLOOR = """
    create or replace table invoice_floor as
    with lines as (
        select
            contract_lines.billing_period_id,
            cast(round(rated.net_amount, 2) as decimal(22, 4)) as amount
        from fct_rated_usage as rated
        inner join fct_contract_lines as contract_lines using (contract_line_id)
        where rated.is_current and rated.status = 'rated'
    )

    select
        billing_period_id, count(*) as line_count, sum(amount) as subtotal_amount,
        cast(round(sum(amount) * 0.08875, 2) as decimal(22, 4)) as tax_amount
    from lines
    group by billing_period_id
"""
"""What the invoices come to in one query, with New York's tax and nothing to explain it."""

COMPARED = """
    select
        count(*), sum(floor.line_count),
        count(*) filter (
            where invoices.subtotal_amount is distinct from floor.subtotal_amount
                or invoices.tax_amount is distinct from floor.tax_amount
                or lines.amount is distinct from floor.subtotal_amount
                or lines.tax_amount is distinct from floor.tax_amount
        )
    from invoice_floor as floor
    full join fct_invoices as invoices using (billing_period_id)
    left join (
        select invoice_id, sum(amount) as amount, sum(tax_amount) as tax_amount
        from fct_invoice_lines group by invoice_id
    ) as lines on invoices.invoice_id = lines.invoice_id
"""


def main(
    invoices: Annotated[int, typer.Option(help="Invoices of ten lines.")] = 10**5,
    data: Annotated[Path, typer.Option(help="Where the database is made.")] = DATA,
    results: Annotated[Path, typer.Option(help="File of the figures.")] = RESULTS,
) -> None:
    """Measure drafting and issuing invoices, and compare every total with a query by hand."""
    console, work = Console(), data.resolve() / "invoicing"
    shutil.rmtree(work, ignore_errors=True)
    try:
        figures = _measure(work, invoices // MONTHS, console)
    except MeterhouseError as error:
        console.print(f"error: {error}", markup=False, highlight=False)
        raise typer.Exit(1) from None
    results.write_text(json.dumps(figures, indent=2) + "\n")
    _show(figures, console)
    shutil.rmtree(work)
    if not figures["is_equal"]:
        raise typer.Exit(1)


def _measure(work: Path, tenants: int, console: Console) -> dict[str, Any]:
    settings = rating.landed(work)
    console.print("an empty warehouse")
    dbt(settings, "+path:models/10_invoicing")
    console.print(f"{tenants * MONTHS * KIND_COUNT:,} lines, rated")
    with closing(connect(settings)) as connection:
        for statements in (rating.inputs(tenants), agreements(tenants)):
            for statement in statements.split(";\n"):
                connection.execute(statement)
    rating.rate(settings)
    console.print("the models")
    target, measured = dbt(settings, "path:models/10_invoicing")
    nodes = json.loads((target / "run_results.json").read_text())["results"]
    console.print("the query by hand")
    with closing(connect(settings)) as connection:
        floor = timed(connection, FLOOR)
        count, line_count, unequal = connection.execute(COMPARED).fetchone() or (0, 0, 0)
    seconds = span(nodes)
    return {
        "invoices": count,
        "lines": line_count,
        "measured_on": f"{datetime.now():%Y-%m-%d}",
        "machine": machine(),
        "versions": versions(),
        "models_seconds": seconds,
        "peak_mb": measured.peak_mb,
        "lines_per_second": round(line_count / seconds),
        "floor_seconds": floor,
        "times_the_floor": round(seconds / floor, 2),
        "is_equal": not unequal and count == tenants * MONTHS and line_count == count * KIND_COUNT,
        "nodes": rating.by_time(nodes),
    }


def _show(figures: dict[str, Any], console: Console) -> None:
    table = Table(title=f"{figures['invoices']:,} invoices, {figures['lines']:,} lines")
    for column in ("what", "seconds", "note"):
        table.add_column(column)
    note = f"{figures['lines_per_second']:,} lines/s, {figures['peak_mb']:,} MB"
    table.add_row("models", f"{figures['models_seconds']:.1f}", note)
    verdict = "same totals" if figures["is_equal"] else "DIFFERENT"
    note = f"models take {figures['times_the_floor']} times as long, {verdict}"
    table.add_row("query by hand", f"{figures['floor_seconds']:.1f}", note)
    console.print(table)


if __name__ == "__main__":
    typer.run(main)
