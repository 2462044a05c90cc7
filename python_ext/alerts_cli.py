"""The command meterhouse alerts."""

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from python_ext import alerts as told
from python_ext.settings import from_environment


class Severity(StrEnum):
    """The least grave finding that is told."""

    ERROR = "error"
    WARN = "warn"
    INFO = "info"


def alerts(
    webhook: Annotated[
        str | None,
        typer.Option(
            envvar="METERHOUSE_ALERT_WEBHOOK",
            show_envvar=True,
            help="Post there, as Slack reads it; else print.",
            show_default=False,
        ),
    ] = None,
    severity: Annotated[Severity, typer.Option(help="And what is graver.")] = Severity.WARN,
    ledger: Annotated[
        Path | None,
        typer.Option(help="File that knows what was told.", show_default="beside the database"),
    ] = None,
) -> None:
    """Tell what quality monitors have found since the last run, each finding once."""
    settings = from_environment(os.environ)
    path = ledger or settings.database.parent / "alerts.sqlite"
    destination = told.destination_of(webhook)
    with told.ledger(path, destination) as known:
        found = told.open_findings(settings.published / "meterhouse.duckdb", severity)
        everything = told.open_findings(settings.published / "meterhouse.duckdb", "info")
        over = known.forget_all_but(everything)
        new = known.new(found)
        for part, body in told.messages(new):
            known.write_down(part, is_confirmed=False)
            if webhook is None:
                for finding in part:
                    typer.echo(finding.line())
            else:
                told.post(webhook, body)
            known.write_down(part, is_confirmed=True)
    typer.echo(f"{len(new)} new, {len(found) - len(new)} told before, {over} over", err=True)
