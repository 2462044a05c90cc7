"""The command line: meterhouse demo, build, publish, explain, what-if, backfill and others."""

import os
import sys
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from python_ext import (
    audit,
    billing_cli,
    catalogue,
    catalogue_rules,
    export_cli,
    landing,
    replay,
    what_if_plan,
)
from python_ext import explain as explained
from python_ext import explain_cost as explained_cost
from python_ext.alerts_cli import alerts
from python_ext.consume_cli import consume
from python_ext.demo import write_demo
from python_ext.errors import MeterhouseError
from python_ext.policy import landed_decision_ids
from python_ext.publish import publish as write_published
from python_ext.quality_cli import quality
from python_ext.settings import Settings, from_environment

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Usage events and cost statements in, invoices and margin out.",
)


class Target(StrEnum):
    """The outputs of profiles.yml that keep what they build."""

    DEV = "dev"
    CI = "ci"


def main() -> None:
    """Run the command line. An input that cannot be used ends it with a message and exit code 2."""
    try:
        app()
    except MeterhouseError as error:
        _say(f"error: {error}")
        sys.exit(2)
    except OSError as error:
        _say(f"error: {error.filename or 'system'}: {error.strerror or error}")
        sys.exit(2)


@app.command()
def demo(
    folder: Annotated[
        Path | None,
        typer.Option("--landing", help="Folder to write; new or empty.", show_default=False),
    ] = None,
    scale: Annotated[int, typer.Option(help="1 is about 200,000 usage events.")] = 1,
    clean: Annotated[bool, typer.Option("--clean", help="Plant no trouble.")] = False,
) -> None:
    """Write demo data: usage events and cost statements of a few tenants."""
    _write_demo(folder or from_environment(os.environ).landing, scale, clean)


@app.command()
def build(
    full_refresh: Annotated[bool, typer.Option("--full-refresh", help="Start anew.")] = False,
    select: Annotated[
        list[str] | None,
        typer.Option("--select", "-s", help="Build a part, in dbt's words.", show_default=False),
    ] = None,
    threads: Annotated[int | None, typer.Option(min=1, show_default=False)] = None,
    target: Annotated[Target, typer.Option(help="An output of profiles.yml.")] = Target.DEV,
) -> None:
    """Build and check everything, publish what passed, and say what came out."""
    from python_ext import (
        runner,
        summary,
    )  # dbt takes seconds to load, and only this command needs it

    settings = from_environment(os.environ, target)
    settings = replace(settings, threads=threads or settings.threads)
    if not settings.is_landing_named and not settings.landing.exists():
        _say(f"{settings.landing} does not exist yet, so demo data is written there.")
        _write_demo(settings.landing, scale=1, clean=False)
    landing.list_files(settings.landing, settings.as_of)  # refuses a bad folder before dbt starts
    seeds = checked_catalogue(settings)
    scope = runner.Scope(target, tuple(select or ()), full_refresh)
    result = runner.build(settings, seeds, scope, Console(stderr=True))
    if not result.success:
        _say("The build failed, and nothing is published. Where a model was not built, its figures")
        _say("below are those of an earlier build.")
    console = Console(highlight=False, soft_wrap=True)
    summary.show(settings.database, console, result)
    console.print(f"database: {settings.database}", markup=False)
    if not result.success:
        raise typer.Exit(1)
    if scope.select:
        _say("Only a part was built, so nothing is published; meterhouse publish does it.")
        return
    published = write_published(settings.database, settings.published, settings.memory)
    console.print(f"published: {published}", markup=False)


@app.command()
def publish(
    target: Annotated[Target, typer.Option(help="An output of profiles.yml.")] = Target.DEV,
) -> None:
    """Write the marts-only file that BI tools read, from the database as it is."""
    settings = from_environment(os.environ, target)
    published = write_published(settings.database, settings.published, settings.memory)
    _say(f"published: {published}")


@app.command()
def explain(
    subject: Annotated[
        str, typer.Argument(help="An invoice_line_id or a rated_usage_id.", show_default=False)
    ],
) -> None:
    """Show what an amount is made of: steps, plan, decision, readings and events."""
    published = from_environment(os.environ).published
    Console().print(explained.explain(published / "meterhouse.duckdb", subject))


@app.command("explain-cost")
def explain_cost(
    subject: Annotated[
        str,
        typer.Argument(
            help="A cost_attribution_id, cost_allocation_id or cost_pool_id, or a row FILE:LINE.",
            show_default=False,
        ),
    ],
) -> None:
    """Show what a tenant's cost stands on, or who bears a row of a cost statement."""
    published = from_environment(os.environ).published
    Console().print(explained_cost.explain_cost(published / "meterhouse.duckdb", subject))


@app.command("what-if")
def what_if(
    plan: Annotated[Path, typer.Option(help="TOML file of the other plan.", show_default=False)],
    start: Annotated[
        str | None, typer.Option("--from", help="First month, YYYY-MM.", show_default=False)
    ] = None,
    end: Annotated[
        str | None,
        typer.Option(
            "--to", help="Last month, inclusive; else the newest ended.", show_default=False
        ),
    ] = None,
    tenant: Annotated[str | None, typer.Option(help="Only this one.", show_default=False)] = None,
    target: Annotated[Target, typer.Option(help="An output of profiles.yml.")] = Target.DEV,
) -> None:
    """Say what invoices would be under another plan; the books stay as they are."""
    from python_ext import what_if as work  # it loads dbt

    question = work.Question(
        what_if_plan.read(plan),
        work.parse_month("--from", start) if start else None,
        work.parse_month("--to", end) if end else None,
        tenant,
    )
    settings = from_environment(os.environ, target)
    outcome = work.what_if(settings, question, target, Console(stderr=True))
    work.show(outcome, question.plan, Console(highlight=False, soft_wrap=True))


@app.command()
def backfill(
    start: Annotated[str, typer.Option("--from", help="First instant or date (UTC).")],
    end: Annotated[str, typer.Option("--to", help="End of the range, exclusive.")],
    meter: Annotated[str | None, typer.Option(help="Only this meter.", show_default=False)] = None,
    target: Annotated[Target, typer.Option(help="An output of profiles.yml.")] = Target.DEV,
) -> None:
    """Make the readings of a range anew from events; a sequence is added where one differs."""
    from python_ext import backfill as work  # it loads dbt

    wanted = work.parse_range(start, end, meter)
    settings = from_environment(os.environ, target)
    landing.list_files(settings.landing, settings.as_of)
    changes = work.backfill(settings, checked_catalogue(settings), wanted, Console(stderr=True))
    for change in changes:
        typer.echo(
            f"{change.meter_id}: {change.reading_count:,} readings, {change.delta_quantity:+f}"
        )
    typer.echo(f"{sum(change.reading_count for change in changes):,} readings changed")
    if changes:
        _say("meterhouse build carries this on to rated usage, invoices and margin.")


app.command()(consume)
app.command()(alerts)
app.command()(quality)
app.command()(billing_cli.close)
app.command()(billing_cli.issue)
app.add_typer(billing_cli.invoice, name="invoice")

land = typer.Typer(no_args_is_help=True, help="Land what is not a file of somebody else's.")
app.add_typer(land, name="land")


@land.command("replay-rejected")
def replay_rejected(
    landed_at: Annotated[
        str | None,
        typer.Option(help="YYYYMMDDTHHMMSSZ; else right after the newest.", show_default=False),
    ] = None,
    target: Annotated[Target, typer.Option(help="An output of profiles.yml.")] = Target.DEV,
) -> None:
    """Land refused lines again, as a new batch, where what they were refused for is mended."""
    settings = from_environment(os.environ, target)
    done = replay.replay_rejected(
        settings.landing,
        settings.database,
        checked_catalogue(settings),
        landing.parse_stamp("--landed-at", landed_at) if landed_at else None,
    )
    if done:
        path, count = done
        typer.echo(f"{count:,} lines landed: {path}")
    else:
        typer.echo(
            "0 lines landed: nothing that was refused is mended, or it was landed again before"
        )


export = typer.Typer(no_args_is_help=True, help="Write what is published in a form others load.")
app.add_typer(export, name="export")
export.add_typer(export_cli.app)
app.add_typer(export_cli.push_app, name="push")


@export.command("audit-feed")
def export_audit_feed(
    out: Annotated[
        Path | None,
        typer.Option(help="File to write; else standard output.", show_default=False),
    ] = None,
    target: Annotated[Target, typer.Option(help="An output of profiles.yml.")] = Target.DEV,
) -> None:
    """Write the audit feed as NDJSON: a line for each act, oldest first, from what is published."""
    published = from_environment(os.environ, target).published / "meterhouse.duckdb"
    if out is None:
        audit.write(published, sys.stdout)
        return
    partial = out.with_name(f".{out.name}.partial")
    try:
        with partial.open("w", encoding="utf-8", newline="\n") as stream:
            count = audit.write(published, stream)
        partial.replace(out)
    finally:
        partial.unlink(missing_ok=True)
    _say(f"{count:,} acts: {out}")


def _write_demo(folder: Path, scale: int, clean: bool) -> None:
    expectations = write_demo(folder, scale, clean=clean)
    _say(f"{expectations['usage_lines']:,} usage lines in {folder}")


def checked_catalogue(settings: Settings) -> Path:
    """The folder of seeds to build with. Raises MeterhouseError for a row that cannot be used."""
    seeds = catalogue.lay_over(
        settings.root / "seeds", settings.catalogue, settings.root / ".catalogue"
    )
    findings = catalogue_rules.check(
        seeds, landed_decision_ids(settings.landing, settings.as_of or "2000-01-01")
    )
    for finding in findings:
        _say(str(finding))
    stopping = sum(finding.stops for finding in findings)
    if stopping:
        count = "1 bad row" if stopping == 1 else f"{stopping} findings"
        raise MeterhouseError(
            str(settings.catalogue or seeds),
            f"{count}, listed above",
            "correct them and build again",
        )
    return seeds


def _say(text: str) -> None:
    """To the person at the terminal; standard output is for results."""
    Console(stderr=True, soft_wrap=True).print(text, markup=False, highlight=False)


if __name__ == "__main__":
    main()
