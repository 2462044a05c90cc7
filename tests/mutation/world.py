"""The world that faults are planted in: the clean demo, with a January that is closed and paid.

It is built in steps, as a warehouse grows: what had landed by the middle of February, with a year
of invoices issued, sent and paid and the books of January closed; then two weeks of usage; then the
month's cost statements. A fault is planted in a step, so that it meets a warehouse with a past.
"""

import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console

from python_ext import billing, cost_close, landing, revenue_close, runner
from python_ext.billing import POLICY, Act, Authority, Books
from python_ext.demo import write_demo
from python_ext.documents import canonical
from python_ext.errors import MeterhouseError
from python_ext.runner import Scope
from python_ext.settings import Settings, from_environment

USAGE_CUT = datetime(2026, 2, 15, tzinfo=UTC)
"""What lands from here on is the second step: the events of two weeks."""

COST_CUT = datetime(2026, 3, 5, tzinfo=UTC)
"""What lands from here on is the third: February's costs."""

CLOSED_MONTH = date(2026, 1, 1)
DATABASE = "warehouse.duckdb"
BEFORE, MIDDLE, AFTER = "before", "middle", "after"


LANDING = "path:models/01_staging/landing"
STEPS = {
    BEFORE: Scope(select=(LANDING, "path:models/0[25-9]_*", "path:models/1[067]_*")),
    MIDDLE: Scope(select=(LANDING, "path:models/02_*", "path:models/1[1-57]_*")),
    AFTER: Scope(),
}
"""What is built on a step: usage and invoices on the first, from revenue and cost to margin on the
second, and all on what is complete. Few selectors: dbt walks the whole graph for each of them."""

NEXT = {BEFORE: MIDDLE, MIDDLE: AFTER, AFTER: AFTER}
"""The step whose landing folder is built on another one's database."""

RULES = {
    "d-close": ("period.close", "period"),
    "d-issue": ("invoice.issue", "invoice"),
    "d-pay": ("payment.record", "invoice"),
}
"""The standing decisions that let people close, issue and record: id -> rule and subject."""

ISSUED = """
    select invoice_id, version, currency_code, amount_due from fct_invoices
    where status = 'issued'
    order by invoice_id
"""


@dataclass(frozen=True)
class World:
    """A folder with a landing folder and a database for each step."""

    folder: Path
    steps: Mapping[str, Scope] = field(default_factory=lambda: STEPS)

    def settings(self, step: str) -> Settings:
        """Where the landing folder and the database of a step are."""
        return settings_in(self.folder / step)

    @property
    def is_complete(self) -> bool:
        """Whether all steps are built; a world that was interrupted is not."""
        return (self.folder / "complete").exists()


def settings_in(folder: Path, threads: int = 1) -> Settings:
    """A landing folder and a database of its own, below `folder`."""
    return replace(
        from_environment({}),
        landing=folder / "landing",
        database=folder / DATABASE,
        published=folder / "published",
        threads=threads,
        memory="3GB",
    )


def create(folder: Path, console: Console) -> World:
    """The world in `folder`, built unless it is there already. Raises MeterhouseError."""
    world = World(folder)
    if world.is_complete:
        return world
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    console.print("the world: landing the clean demo")
    write_demo(folder / "demo", progress=False, clean=True)
    (folder / "demo" / "expectations.json").unlink()
    before = world.settings(BEFORE)
    link(folder / "demo", before.landing, until=USAGE_CUT)
    _decide(before.landing)
    _grow(before, console)
    for step, since, until in ((MIDDLE, USAGE_CUT, COST_CUT), (AFTER, COST_CUT, None)):
        former = next(name for name, follower in NEXT.items() if follower == step)
        settings = world.settings(step)
        link(world.settings(former).landing, settings.landing)
        link(folder / "demo", settings.landing, since, until)
        shutil.copyfile(world.settings(former).database, settings.database)
        scope = STEPS[former] if step == MIDDLE else Scope()
        _build(settings, replace(scope, is_checked=False), f"building what lands {step}", console)
    shutil.rmtree(folder / "demo")
    (folder / "complete").touch()
    return world


def link(
    source: Path, target: Path, since: datetime | None = None, until: datetime | None = None
) -> None:
    """Link the files of a landing folder that landed in a span of time into another one.

    A link keeps the time of change, by which the warehouse knows a file again; so a fault writes
    a new file in place of a link, and never into one.
    """
    for file in landing.list_files(source, "2000-01-01"):
        stamp = file.stamp or datetime.min.replace(tzinfo=UTC)
        if (since is None or stamp >= since) and (until is None or stamp < until):
            path = target / file.name
            path.parent.mkdir(parents=True, exist_ok=True)
            os.link(source / file.name, path)


def _decide(landing_folder: Path) -> None:
    """Land what lets people act."""
    lines = (
        canonical(
            {
                "id": name,
                "at": "2025-01-01T00:00:00Z",
                "actor_id": "cfo@summit",
                "rule_id": rule,
                "effect": "allow",
                "subject_type": subject,
                "subject_id": "*",
                "scope": "standing",
            }
        )
        for name, (rule, subject) in RULES.items()
    )
    land(landing_folder / "policy_decisions/landed=20250101T120000Z/standing.ndjson", lines)


def land(path: Path, lines: Iterable[str]) -> None:
    """Write a file of lines where none is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("x", encoding="utf-8") as stream:
        stream.writelines(f"{line}\n" for line in lines)


def _build(settings: Settings, scope: Scope, what: str, console: Console) -> None:
    """Build a part, and say so. Raises MeterhouseError where that fails."""
    console.print(f"the world: {what}")
    result = runner.build(settings, settings.root / "seeds", scope, Console(quiet=True))
    if not result.success:
        failure = result.failures[0]
        raise MeterhouseError(failure.name, failure.message, "correct the project first")


def _grow(settings: Settings, console: Console) -> None:
    """Build, close January in all books, issue what is due, send it and have it paid; build."""
    seeds = settings.root / "seeds"
    quiet = Console(quiet=True)
    everything = Scope(is_checked=False)
    _build(settings, everything, "building what landed before", console)
    controller = {name: Authority("controller@summit", name) for name in RULES}
    known = Books(settings, seeds, quiet, is_built=True)
    stale = Books(settings, seeds, quiet)
    console.print("the world: closing January, issuing invoices, and having them paid")
    cost_close.close(known, CLOSED_MONTH, controller["d-close"])
    billing.close(known, CLOSED_MONTH, None, controller["d-close"])
    due = billing.locked_drafts(stale, CLOSED_MONTH, None)
    billing.issue(known, due, controller["d-issue"])
    with stale.held():
        invoices = _rows(settings, ISSUED)
        for name, acts in (
            ("d-issue", [_sent(*invoice) for invoice in invoices]),
            ("d-pay", [_paid(*invoice) for invoice in invoices if invoice[3] > 0]),
        ):
            at = billing.stamp_of(settings, controller[name])
            stale.act(acts, controller[name], at, POLICY)
    revenue_close.close(stale, CLOSED_MONTH, controller["d-close"])
    _build(settings, everything, "building what people did", console)


def _sent(invoice_id: str, version: int, currency_code: str, _: Any) -> Act:
    said = {"version": str(version), "currency_code": currency_code}
    return Act("send_invoice", "invoice", invoice_id, said)


def _paid(invoice_id: str, version: int, currency_code: str, due: Any) -> Act:
    said = {
        "amount": f"{due:f}",
        "reference": f"bank-{invoice_id[:12]}",
        "method": "bank_transfer",
        "currency_code": currency_code,
        "version": str(version),
    }
    return Act("record_payment", "invoice", invoice_id, said)


def _rows(settings: Settings, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(settings.database, read_only=True) as connection:
        return connection.execute(sql).fetchall()
