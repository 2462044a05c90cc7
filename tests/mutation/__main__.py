"""`python -m tests.mutation`: plant all faults, say what catches them, and write the table."""

import tempfile
import time
from pathlib import Path
from typing import Annotated
from unittest.mock import patch

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from python_ext import runner
from python_ext.errors import MeterhouseError
from tests.mutation import harness, report, world
from tests.mutation.catalog import FAULTS
from tests.mutation.harness import Outcome
from tests.scenarios.parsing import ParsedOnce


def main(
    only: Annotated[
        list[str] | None,
        typer.Argument(help="Plant faults with these words only; other rows stay."),
    ] = None,
    keep: Annotated[
        Path | None, typer.Option(help="Folder of the world; is kept, and used again.")
    ] = None,
    workers: Annotated[int, typer.Option(min=1, max=8)] = 2,
) -> None:
    """Plant faults one by one in copies of a small world, and say what tells of each."""
    names = [name for name in FAULTS if not only or any(words in name for words in only)]
    console = Console()
    started = time.monotonic()
    try:
        with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
            outcomes = run(names, keep or Path(folder) / "world", Path(folder), workers, console)
    except MeterhouseError as error:
        console.print(f"error: {error}", markup=False)
        raise typer.Exit(2) from None
    console.print(report.table(FAULTS, outcomes))
    console.print(f"{(time.monotonic() - started) / 60:.1f} minutes")
    report.write(FAULTS, report.remembered(FAULTS, outcomes))
    console.print(f"written: {report.RESULTS.name}")
    survivors = report.unexplained(FAULTS, outcomes)
    for name in survivors:
        console.print(f"survives for no stated reason: {name}", markup=False)
    if survivors:
        raise typer.Exit(1)


def run(
    names: list[str], world_folder: Path, folder: Path, workers: int, console: Console
) -> list[Outcome]:
    """Make the world, plant the faults in copies of it, and show how far it is."""
    with patch.object(runner, "dbtRunner", ParsedOnce):
        made = world.create(world_folder, console)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    outcomes = []
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("planting faults", total=len(names))
        for outcome in harness.attempt_all(names, made, folder, workers):
            outcomes.append(outcome)
            fault = FAULTS[outcome.fault_name]
            text = report.verdict(fault, outcome)
            progress.console.print(f"{outcome.seconds:4.0f} s  {text}: {fault.name}", markup=False)
            progress.update(task, advance=1)
    return report.in_order(FAULTS, outcomes)


if __name__ == "__main__":
    typer.run(main)
