"""The benchmark of cost: five million statement rows pooled and allocated to 200 tenants."""

import json
import shutil
import sys
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from benchmarks import rating
from benchmarks.cost_statements import Shape, generate
from benchmarks.generate import ROOT
from benchmarks.rating import by_time, connect, dbt
from benchmarks.run import DATA, machine, run_child, span, versions
from python_ext import catalogue
from python_ext.errors import MeterhouseError

RESULTS = Path(__file__).resolve().parent / "results_cost.json"
LANDING, CHAPTER = "models/01_staging/landing/", "models/12_cost/"

INPUTS = """
    create or replace temp table drivers as select * from read_parquet('{drivers}');
    create or replace temp table readings_like as
        select * from fct_meter_readings_to_date limit 0;
    create or replace temp table series_like as select * from dim_meter_series limit 0;
    drop view fct_meter_readings_to_date;
    drop view dim_meter_series;
    create table fct_meter_readings_to_date as select * from readings_like;
    create table dim_meter_series as select * from series_like;
    insert into fct_meter_readings_to_date by name
        select
            tenant_id, meter_id, pack_id as dimensions_key, false as is_provisional, quantity,
            1 as event_count, month_start_at as period_start_at,
            month_start_at + interval 1 month as period_end_at
        from drivers;
    insert into dim_meter_series by name
        select distinct
            meter_id, pack_id as dimensions_key, pack_id, 'production' as environment,
            '' as group_value
        from drivers
"""
"""What each tenant used of each meter, put where the chapter reads it."""

COMPARED = """
    with models as (
        select
            cost_month, tenant_id, pack_id, resource_type, region, allocation_method,
            currency_code, billed_cost_amount, effective_cost_amount
        from fct_cost_attributions
    )

    select
        (select count(*) from models),
        (select count(*) from (from models except all from floor.attributions))
        + (select count(*) from (from floor.attributions except all from models)),
        (select count(*) from fct_cost_pools),
        (select count(*) from fct_cost_allocations)
"""


def main(
    rows: Annotated[int, typer.Option(help="Rows of statements.")] = 5 * 10**6,
    data: Annotated[Path, typer.Option(help="Where generated data is kept.")] = DATA,
    results: Annotated[Path, typer.Option(help="File of the figures.")] = RESULTS,
) -> None:
    """Measure the attribution of cost against a script by hand, and compare every attribution."""
    console, work = Console(), data.resolve() / "cost"
    shutil.rmtree(work, ignore_errors=True)
    try:
        figures = _measure(work, rows, data.resolve() / f"cost_{rows}", console)
    except MeterhouseError as error:
        console.print(f"error: {error}", markup=False, highlight=False)
        raise typer.Exit(1) from None
    results.write_text(json.dumps(figures, indent=2) + "\n")
    _show(figures, console)
    shutil.rmtree(work)
    if not figures["is_equal"]:
        raise typer.Exit(1)


def _measure(work: Path, rows: int, dataset: Path, console: Console) -> dict[str, Any]:
    console.print(f"{rows:,} rows")
    generate(Shape(rows), dataset)
    settings = rating.landed(work)
    overlay = dataset / "catalogue"
    seeds = catalogue.lay_over(ROOT / "seeds", overlay, ROOT / ".catalogue")
    console.print("an empty warehouse")
    dbt(settings, "+path:models/12_cost", seeds=seeds)
    with closing(connect(settings)) as connection:
        for statement in INPUTS.format(drivers=dataset / "drivers.parquet").split(";\n"):
            connection.execute(statement)
    shutil.copytree(dataset / "landing" / "focus", settings.landing / "focus")
    console.print("the models")
    selected = "path:models/01_staging/landing,+path:models/12_cost", "path:models/12_cost"
    target, built = dbt(settings, *selected, seeds=seeds)
    nodes = json.loads((target / "run_results.json").read_text())["results"]
    paths = {
        name: node["original_file_path"]
        for name, node in json.loads((target / "manifest.json").read_text())["nodes"].items()
    }
    floors = {}
    for name, option in (("with_rows", "--keep-rows"), ("floor", "--no-keep-rows")):
        console.print(f"the script by hand, {option}")
        measured = run_child(
            [
                *(sys.executable, "-m", "benchmarks.cost_floor", option),
                *(str(dataset / "landing"), str(overlay), str(dataset / "drivers.parquet")),
                str(work / "floor.duckdb"),
            ]
        )
        floors[name] = {
            **json.loads(measured.output),
            "peak_mb": measured.peak_mb,
            "cpu_seconds": measured.cpu_seconds,
        }
    with closing(connect(settings)) as connection:
        connection.execute(f"attach '{work / 'floor.duckdb'}' as floor (read_only)")
        count, unequal, pools, allocations = connection.execute(COMPARED).fetchone() or [0] * 4
    seconds = span(nodes)
    return {
        "rows": rows,
        "measured_on": f"{datetime.now():%Y-%m-%d}",
        "machine": machine(),
        "versions": versions(),
        "models_seconds": seconds,
        "rows_per_second": round(rows / seconds),
        "peak_mb": built.peak_mb,
        "cpu_seconds": built.cpu_seconds,
        **{
            f"{name}_seconds": span([n for n in nodes if paths[n["unique_id"]].startswith(folder)])
            for name, folder in (("staging", LANDING), ("chapter", CHAPTER))
        },
        **floors,
        "times_the_floor": round(seconds / floors["floor"]["seconds"], 2),
        "times_with_rows": round(seconds / floors["with_rows"]["seconds"], 2),
        "attributions": count,
        "pools": pools,
        "allocations": allocations,
        "differing": unequal,
        "is_equal": bool(count) and not unequal,
        "nodes": by_time(nodes),
    }


def _show(figures: dict[str, Any], console: Console) -> None:
    table = Table(title=f"{figures['rows']:,} statement rows, {figures['machine']['cores']} cores")
    for column in ("what", "seconds", "peak MB", "note"):
        table.add_column(column)
    verdict = "same amounts" if figures["is_equal"] else f"{figures['differing']} DIFFERENT"
    note = f"{figures['rows_per_second']:,} rows/s; {figures['attributions']:,} attributions"
    table.add_row("models", f"{figures['models_seconds']:.1f}", f"{figures['peak_mb']:,}", note)
    table.add_row("of it staging", f"{figures['staging_seconds']:.1f}", "", "")
    note = f"{figures['pools']:,} pools, {figures['allocations']:,} allocations"
    table.add_row("of it the chapter", f"{figures['chapter_seconds']:.1f}", "", note)
    for name, what, times in (
        ("floor", "script by hand", "times_the_floor"),
        ("with_rows", "that keeps each row", "times_with_rows"),
    ):
        floor = figures[name]
        note = f"the models take {figures[times]} times as long; {verdict}"
        table.add_row(what, f"{floor['seconds']:.1f}", f"{floor['peak_mb']:,}", note)
    console.print(table)


if __name__ == "__main__":
    typer.run(main)
