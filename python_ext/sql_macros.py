"""The project's own macros for SQL that Python writes: one rule reads a text, wherever it is."""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

MACROS = Path(__file__).resolve().parent.parent / "macros"


@cache
def macros_of(name: str) -> Any:
    """The macros of `macros/<name>.sql` as functions from expressions to SQL for DuckDB.

    What dbt dispatches by its adapter goes to the implementation for DuckDB in the same file.
    """

    class Adapter:
        @staticmethod
        def dispatch(macro: str, _: str) -> Any:
            return getattr(macros_of(name), f"duckdb__{macro}")

    environment = Environment(undefined=StrictUndefined, autoescape=False)
    environment.globals["adapter"] = Adapter
    return environment.from_string((MACROS / f"{name}.sql").read_text("utf-8")).module
