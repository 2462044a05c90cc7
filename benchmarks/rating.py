"""The benchmark of rating: a million lines through the models, a script by hand, and polars."""

import json
import shutil
import sys
import time
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import duckdb
import typer
from rich.console import Console
from rich.table import Table

from benchmarks.generate import ROOT
from benchmarks.run import DATA, Measured, machine, run_child, span, versions
from python_ext.errors import MeterhouseError
from python_ext.settings import Settings, from_environment

RESULTS = Path(__file__).resolve().parent / "results_rating.json"
MONTHS = 10
EVENT = {
    "id": "e1",
    "tenant_id": "acme-robotics",
    "timestamp": "2026-10-31T10:15:00Z",
    "category": "companyos_core",
    "type": "policy_decision",
    "quantity": 1,
    "metadata": {"env": "production"},
}
RATED = ("fct_rated_usage", "fct_rated_breakdown", "fct_rating_receipts")

KINDS = """
    select
        kind, 'bench@1:' || kind as plan_line_id, 'bench:' || kind as meter_id, charge_model,
        tier_count, free_quantity, package_size, ratio
    from (values
        ('unit', 'per_unit', 1, 0, null, 0),
        ('unit_free', 'per_unit', 1, 100, null, 0.1),
        ('graduated_3', 'graduated', 3, 0, null, 0),
        ('graduated_5', 'graduated', 5, 50, null, 0.25),
        ('graduated_10', 'graduated', 10, 0, null, 0),
        ('volume_4', 'volume', 4, 0, null, 0),
        ('volume_10', 'volume', 10, 0, null, 0.1),
        ('stairstep_5', 'stairstep', 5, 0, null, 0),
        ('package', 'package', 1, 0, 12, 0),
        ('package_free', 'package', 1, 24, 12, 0)
    ) as kinds (kind, charge_model, tier_count, free_quantity, package_size, ratio)
"""
"""Lines of the plan: one of each for every tenant and month."""


def inputs(tenants: int) -> str:
    """SQL that puts the lines of `tenants`, their prices and what was used where rating reads."""
    return f"""
        create or replace temp table kinds as {KINDS};
        create or replace temp table one_meter as
            select * from dim_meters where meter_id = 'meter:policy_decisions' limit 1;
        insert into dim_meters by name
            select one_meter.* replace (kinds.meter_id as meter_id)
            from one_meter cross join kinds;

        create or replace temp table one_line as
            select * from dim_plan_lines where plan_line_id = 'saas_pro@2:decisions';
        insert into dim_plan_lines by name
            select one_line.* replace (
                kinds.plan_line_id as plan_line_id, 'bench@1' as plan_version_id,
                kinds.kind as line_code, kinds.meter_id as meter_id,
                kinds.charge_model as charge_model, kinds.free_quantity as free_quantity,
                kinds.package_size as package_size, 'up' as package_rounding
            )
            from one_line cross join kinds;
        create or replace temp table one_term as
            select * from fct_plan_line_terms
            where plan_line_id = 'saas_pro@2:decisions' and currency_code = 'USD';
        insert into fct_plan_line_terms by name
            select one_term.* replace (kinds.plan_line_id as plan_line_id)
            from one_term cross join kinds;

        create or replace temp table open_end as
            select max(up_to_quantity) as up_to_quantity from fct_plan_tiers;
        insert into fct_plan_tiers by name
            select
                kinds.plan_line_id, 'USD' as currency_code, '' as group_value,
                tiers.number as tier_number, (tiers.number - 1) * 1000 as above_quantity,
                case when tiers.number = kinds.tier_count then open_end.up_to_quantity
                    else tiers.number * 1000 end as up_to_quantity,
                case when kinds.charge_model = 'stairstep' then 0
                    else 0.012345678 - tiers.number * 0.000987654 end as unit_price,
                case when kinds.charge_model = 'stairstep' then tiers.number * 9.5
                    else 0 end as flat_amount,
                cast(null as decimal(22, 9)) as block_size, 0 as full_amount_below
            from kinds
            cross join open_end
            inner join (select unnest(range(1, 11)) as number) as tiers
                on tiers.number <= kinds.tier_count;

        delete from fct_contract_lines;
        insert into fct_contract_lines by name
            select
                md5(concat_ws('|', tenants.number, kinds.kind, months.number)) as contract_line_id,
                md5(concat_ws('|', tenants.number, months.number)) as segment_id,
                md5(concat_ws('|', tenants.number, months.number)) as billing_period_id,
                'ct-' || tenants.number as contract_id, 'tenant-' || tenants.number as tenant_id,
                'bench@1' as plan_version_id, 'pd-bench' as policy_decision_id,
                kinds.plan_line_id, kinds.kind as line_code, true as is_run_end,
                'usage' as line_kind, 'companyos_core' as pack_id, kinds.meter_id,
                kinds.charge_model, 'production' as environments, 'line' as tiers_per,
                kinds.kind as description, 'USD' as currency_code, 2 as minor_unit,
                cast(months.start_at as date) as period_month,
                date_diff('day', months.start_at, months.start_at + interval 1 month)
                    as full_day_count,
                full_day_count as segment_day_count, full_day_count as rated_day_count,
                kinds.free_quantity, kinds.package_size, months.start_at as rated_from_at,
                months.start_at as segment_start_at,
                months.start_at + interval 1 month as segment_end_at
            from (select unnest(range({tenants})) as number) as tenants
            cross join kinds
            cross join (
                select number, timestamp '2026-01-01' + to_months(cast(number as integer))
                    as start_at
                from (select unnest(range({MONTHS})) as number)
            ) as months;

        create or replace temp table hours_like as select * from fct_meter_hours limit 0;
        drop view fct_meter_hours;
        create table fct_meter_hours as select * from hours_like;
        insert into fct_meter_hours by name
            select
                tenant_id, meter_id, 'd' as dimensions_key, pack_id, 'production' as environment,
                '' as group_value, 'sum' as aggregation, '1h' as reading_window,
                segment_start_at + interval 9 day as hour_start_at,
                cast(hash(contract_line_id) % 12000 as decimal(38, 9)) as quantity,
                7 as event_count, 0 as correction_count,
                cast(hash(contract_line_id) >> 32 as hugeint) as event_digest,
                segment_start_at + interval 10 day as landed_at
            from fct_contract_lines;

        delete from fct_contract_discounts;
        insert into fct_contract_discounts by name
            select
                lines.contract_line_id, 'bench' as discount_id, 1 as step_number,
                kinds.ratio as discount_ratio, 1 - kinds.ratio as share_left_ratio,
                'pd-bench' as policy_decision_id
            from fct_contract_lines as lines
            inner join kinds on lines.plan_line_id = kinds.plan_line_id
            where kinds.ratio > 0
    """


FLOOR = """
    create or replace table floor as
    with used as (
        select
            lines.contract_line_id, lines.plan_line_id, lines.charge_model, lines.package_size,
            greatest(sum(hours.quantity) - any_value(lines.free_quantity), 0) as quantity
        from fct_contract_lines as lines
        inner join fct_meter_hours as hours
            on
                lines.tenant_id = hours.tenant_id and lines.meter_id = hours.meter_id
                and lines.segment_start_at <= hours.hour_start_at
                and lines.segment_end_at > hours.hour_start_at
        group by lines.contract_line_id, lines.plan_line_id, lines.charge_model, lines.package_size
    ),

    counted as (
        select
            contract_line_id, plan_line_id, charge_model in ('volume', 'stairstep') as is_top,
            cast(case
                when charge_model = 'package'
                    then (cast(quantity as bigint) + cast(package_size as bigint) - 1)
                        // cast(package_size as bigint)
                else quantity
            end as decimal(18, 9)) as units
        from used
    ),

    priced as (
        select
            counted.contract_line_id,
            sum(
                case when is_top then units else least(units, up_to_quantity) - above_quantity end
                * unit_price + flat_amount
            ) as amount
        from counted
        inner join fct_plan_tiers as tiers
            on
                counted.plan_line_id = tiers.plan_line_id
                and (tier_number = 1 or units > above_quantity)
                and (not is_top or units <= up_to_quantity)
        group by counted.contract_line_id
    )

    select
        priced.contract_line_id,
        cast(case
            when discounts.share_left_ratio is null then amount
            else round(round(amount, 9) * discounts.share_left_ratio, 9)
                + amount - round(amount, 9)
        end as decimal(38, 18)) as net_amount
    from priced
    left join fct_contract_discounts as discounts
        on priced.contract_line_id = discounts.contract_line_id
"""
"""The same amounts in one query, with nothing that explains them."""


LATE_MONTH = "2026-03-01"
LATE = f"""
    create or replace temp table window_like as select * from dim_meter_windows limit 1;
    insert into dim_meter_windows by name
        select
            window_like.* replace (
                -1 as window_key, '1d' as reading_window,
                timestamp '{LATE_MONTH}' + interval 9 day as window_start_at,
                timestamp '{LATE_MONTH}' + interval 10 day as window_end_at,
                (select max(landed_at) from stg_landing__files) as closed_at
            )
        from window_like;
    insert into fct_meter_hours by name
        select
            hours.* replace (
                cast(hash(hours.tenant_id, hours.meter_id) % 3000 as decimal(38, 9)) as quantity,
                1 as event_count,
                cast(hash(hours.meter_id, hours.tenant_id) >> 32 as hugeint) as event_digest,
                windows.closed_at + interval 1 day as landed_at
            )
        from fct_meter_hours as hours
        inner join dim_meter_windows as windows
            on windows.window_key = -1 and hours.hour_start_at = windows.window_start_at
"""
"""What lands for each line of a month whose day was over and whose lines were rated."""


def main(
    lines: Annotated[int, typer.Option(help="Rated lines: a tenant, meter and month each.")] = 10
    ** 6,
    data: Annotated[Path, typer.Option(help="Where the database is made.")] = DATA,
    results: Annotated[Path, typer.Option(help="File of the figures.")] = RESULTS,
) -> None:
    """Measure rating against a hand-written query and polars, and compare every amount."""
    console, work = Console(), data.resolve() / "rating"
    shutil.rmtree(work, ignore_errors=True)
    try:
        figures = _measure(work, lines // (MONTHS * 10), console)
    except MeterhouseError as error:
        console.print(f"error: {error}", markup=False, highlight=False)
        raise typer.Exit(1) from None
    results.write_text(json.dumps(figures, indent=2) + "\n")
    _show(figures, console)
    shutil.rmtree(work)
    if not (figures["is_equal"] and figures["rerate"]["is_equal"]):
        raise typer.Exit(1)


def landed(work: Path) -> Settings:
    """A landing folder with one event, and a database, below `work`."""
    folder = work / "landing" / "usage_events" / "landed=20261115T000000Z"
    folder.mkdir(parents=True)
    (folder / "events.ndjson").write_text(json.dumps(EVENT) + "\n")
    return from_environment(
        {
            "METERHOUSE_LANDING": str(work / "landing"),
            "METERHOUSE_DB": str(work / "warehouse.duckdb"),
        }
    )


def _measure(work: Path, tenants: int, console: Console) -> dict[str, Any]:
    settings = landed(work)
    console.print("an empty warehouse")
    dbt(settings, *(f"+{name}" for name in RATED))
    console.print(f"{tenants * MONTHS * 10:,} lines")
    with closing(connect(settings)) as connection:
        for statement in inputs(tenants).split(";\n"):
            connection.execute(statement)
    console.print("the models")
    nodes, peak = rate(settings)
    with closing(connect(settings)) as connection:
        receipts = timed(connection, "create table receipts as select * from fct_rating_receipts")
        console.print("the query by hand")
        floor = timed(connection, FLOOR)
        unequal, total = _compared(connection)
    console.print("polars")
    polars, whole, count = run_child(
        [sys.executable, "-m", "benchmarks.rating_polars", str(settings.database)]
    ).output.split()
    seconds = span(nodes)
    rated = tenants * MONTHS * 10
    return {
        "lines": rated,
        "measured_on": f"{datetime.now():%Y-%m-%d}",
        "machine": machine(),
        "versions": versions(),
        "models_seconds": seconds,
        "receipts_seconds": receipts,
        "peak_mb": peak,
        "lines_per_second": round(rated / (seconds + receipts)),
        "floor_seconds": floor,
        "polars_seconds": float(polars),
        "times_the_floor": round((seconds + receipts) / floor, 2),
        "is_equal": not unequal and int(count) == rated and int(total * 10**9) == int(whole),
        "nodes": by_time(nodes),
        "rerate": _rerate(settings, console),
    }


def _rerate(settings: Settings, console: Console) -> dict[str, Any]:
    """Land something late for each line of a closed month and rate again."""
    console.print("a month again")
    with closing(connect(settings)) as connection:
        for statement in LATE.split(";\n"):
            connection.execute(statement)
    nodes, peak = rate(settings)
    with closing(connect(settings)) as connection:
        floor = timed(connection, FLOOR)
        unequal, total = _compared(connection)
        versions_made, differences = connection.execute("""
            select count(*) filter (where version = 2 and reason = 'late_events'),
                sum(delta_net_amount)
            from fct_rated_usage
        """).fetchone() or (0, 0)
    return {
        "lines": versions_made,
        "models_seconds": span(nodes),
        "peak_mb": peak,
        "floor_seconds": floor,
        "is_equal": not unequal and differences == total,
        "nodes": by_time(nodes),
    }


def rate(settings: Settings) -> tuple[list[dict[str, Any]], int]:
    """Run the chapter; returns what dbt says of its nodes, and the peak memory in MB."""
    target, measured = dbt(settings, *(f"+{name},path:models/08_rating" for name in RATED))
    nodes = json.loads((target / "run_results.json").read_text())["results"]
    return nodes, measured.peak_mb


def _compared(connection: duckdb.DuckDBPyConnection) -> tuple[int, Any]:
    """How many lines differ from the query by hand, and what all come to."""
    return connection.execute("""
        select
            count(*) filter (where rated.net_amount is distinct from floor.net_amount),
            sum(rated.net_amount)
        from (
            select * from fct_rated_usage where contract_line_id is not null and is_current
        ) as rated
        full join floor on rated.contract_line_id = floor.contract_line_id
    """).fetchone() or (0, 0)


def by_time(nodes: list[dict[str, Any]]) -> dict[str, float]:
    return {
        node["unique_id"].rsplit(".", 1)[-1]: round(node["execution_time"], 3)
        for node in sorted(nodes, key=lambda node: -node["execution_time"])
    }


def dbt(settings: Settings, *selected: str, seeds: Path = ROOT / "seeds") -> tuple[Path, Measured]:
    """Run models in a process of their own; returns dbt's folder and what the process took."""
    target = settings.database.parent / "target"
    command = [sys.executable, "-c", "from dbt.cli.main import cli; cli()", "--log-level", "error"]
    command += ["build", "--project-dir", str(ROOT), "--profiles-dir", str(ROOT)]
    command += ["--target-path", str(target), "--threads", "2"]
    command += ["--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"]
    measured = run_child([*command, "--select", *selected], settings.for_dbt(seeds))
    return target, measured


def connect(settings: Settings) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(
        settings.database,
        config={"threads": 2, "memory_limit": "5GB", "preserve_insertion_order": False},
    )


def timed(connection: duckdb.DuckDBPyConnection, statement: str) -> float:
    started = time.monotonic()
    connection.execute(statement)
    return time.monotonic() - started


def _show(figures: dict[str, Any], console: Console) -> None:
    table = Table(title=f"{figures['lines']:,} rated lines, {figures['machine']['cores']} cores")
    for column in ("what", "seconds", "note"):
        table.add_column(column)
    note = f"{figures['lines_per_second']:,} lines/s with receipts"
    table.add_row("models", f"{figures['models_seconds']:.1f}", note)
    table.add_row("receipts", f"{figures['receipts_seconds']:.1f}", "")
    note = f"models and receipts take {figures['times_the_floor']} times as long"
    table.add_row("query by hand", f"{figures['floor_seconds']:.1f}", note)
    verdict = "same amounts" if figures["is_equal"] else "DIFFERENT"
    table.add_row("polars", f"{figures['polars_seconds']:.1f}", verdict)
    again = figures["rerate"]
    verdict = "same amounts" if again["is_equal"] else "DIFFERENT"
    note = f"{again['lines']:,} lines have a new version, {verdict}"
    table.add_row("a closed month again", f"{again['models_seconds']:.1f}", note)
    console.print(table)


if __name__ == "__main__":
    typer.run(main)
