"""Warehouses built from end to end: land files, build in this process, look at rows."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import duckdb
import pytest
from rich.console import Console

from python_ext import runner
from python_ext.demo import write_demo
from python_ext.runner import BuildResult, Scope
from python_ext.settings import Settings, from_environment
from tests.scenarios.parsing import ParsedOnce

BILLED = Scope(
    select=(
        "+path:models/05_contracts",
        "+path:models/08_rating",
        "+path:models/10_invoicing",
        "+rpt_intake_reconciliation",
        "+rpt_usage_to_cash_reconciliation",
        "+exc_actions_without_decision",
        "+exc_unpriced_usage",
    )
)
"""From landed events and contracts to drafts, documents and payments, with the checks and the
reconciliations of all that; and what is not billed: usage without a price, undecided acts."""

INTAKE = Scope(
    select=(
        *BILLED.select,
        "+path:models/06_usage",
        "+fct_policy_lines",
        "+fct_cost_statement_rows",
        "+fct_rejected_cost_rows",
    )
)
"""`BILLED`, and every landed line of whatever kind with what became of it."""

COSTED = Scope(
    select=(
        *("+path:models/06_usage", "+fct_policy_lines"),  # all lines that land are accounted for
        "+path:models/12_cost",
        "+rpt_cost_reconciliation",
    )
)
"""From landed cost statements to what each tenant costs, with the checks of every cent and line."""


class Warehouse:
    """A landing folder and a database of its own, below `folder`."""

    def __init__(self, folder: Path, landing: Path | None = None, threads: int = 2) -> None:
        self.folder = folder
        self.settings: Settings = replace(
            from_environment({}),
            landing=landing or folder / "landing",
            database=folder / "warehouse.duckdb",
            published=folder / "published",
            threads=threads,
        )

    def land(self, name: str, *lines: dict[str, Any] | str, folder: str = "usage_events") -> Path:
        """Write a file of usage events, or of another folder's lines; text goes in as it is."""
        path = self.settings.landing / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
        content = ("\n".join(texts) + "\n").encode()
        path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
        return path

    def build(self, seeds: Path | None = None, scope: Scope | None = None) -> BuildResult:
        """Build all, or `scope`, and expect every check of severity error to pass."""
        result = self.try_build(seeds, scope)
        assert result.success, result.failures
        return result

    def try_build(self, seeds: Path | None = None, scope: Scope | None = None) -> BuildResult:
        seeds = seeds or self.settings.root / "seeds"
        return runner.build(self.settings, seeds, scope or Scope(), Console(file=StringIO()))

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(self.settings.database, read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def digests(self) -> dict[str, tuple[int, str]]:
        """Row count and order-independent digest of every shared table and view."""
        tables = [
            row[0]
            for row in self.query(
                "select table_name from information_schema.tables"
                " where regexp_matches(table_name, '^(dim|fct|rpt|exc)_')"
                " and table_name not in ('fct_pending_versions', 'fct_meter_reading_events')"
                " order by table_name"
            )
        ]
        digest = "count(*), cast(sum(md5_number_lower(cast(line as varchar))) as varchar)"
        return {table: self.query(f"select {digest} from {table} as line")[0] for table in tables}


def event(event_id: str, **changes: Any) -> dict[str, Any]:
    """A policy decision of Acme Robotics in production, changed as said."""
    return {
        "id": event_id,
        "tenant_id": "acme-robotics",
        "timestamp": "2026-03-04T10:15:00Z",
        "category": "companyos_core",
        "type": "policy_decision",
        "quantity": 1,
        "metadata": {"feature": "policy_engine", "env": "production"},
        **changes,
    }


@pytest.fixture(scope="session", autouse=True)
def parsed_once() -> Iterator[None]:
    """Let builds of one process share the parsed project; see `ParsedOnce`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runner, "dbtRunner", ParsedOnce)
        yield


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return Warehouse(tmp_path)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Warehouse, dict[str, Any]]]:
    """The demo data, built once with one thread, and what was planted in it."""
    warehouse = Warehouse(tmp_path_factory.mktemp("demo"), threads=1)
    write_demo(warehouse.settings.landing, progress=False)
    warehouse.build()
    planted = json.loads(
        (warehouse.settings.landing / "expectations.json").read_text(), parse_float=Decimal
    )
    yield warehouse, planted
