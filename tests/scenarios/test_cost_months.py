"""Months of cost are closed: what comes later stands in the open month, by the old month's usage.

Acme and Borealis share the cost of the policy engine by their policy decisions, whose pack takes
it: 6 and 4 in January 2026, 1 and 9 in February.
"""

import csv
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from python_ext import catalogue, cost_close, documents
from python_ext.billing import Authority, Books
from python_ext.errors import MeterhouseError
from python_ext.runner import Scope
from tests.scenarios.conftest import Warehouse, event

JANUARY, FEBRUARY = date(2026, 1, 1), date(2026, 2, 1)
CONTROLLER = Authority("controller@summit", "d-close")
COST = Scope(select=("+path:models/12_cost", "+rpt_cost_reconciliation"))
BOOKED = """
    select cost_month, tenant_id, sum(effective_cost_amount), sum(billed_cost_amount)
    from fct_cost_allocations
    group by cost_month, tenant_id
    having sum(effective_cost_amount) <> 0
    order by cost_month, tenant_id
"""


def used(event_id: str, month: int, tenant: str, quantity: int) -> dict[str, Any]:
    at = f"2026-{month:02}-10T10:00:00Z"
    return event(event_id, tenant_id=tenant, timestamp=at, quantity=quantity)


def charge(month: int, cost: str, **changes: str) -> dict[str, str]:
    """A row of AWS's statement for the policy engine in a month, billed in that month."""
    start, end = f"2026-{month:02}-01T00:00:00Z", f"2026-{month + 1:02}-01T00:00:00Z"
    return {
        "ProviderName": "AWS",
        "BillingAccountId": "1",
        "BillingCurrency": "USD",
        "BillingPeriodStart": start,
        "BillingPeriodEnd": end,
        "ChargePeriodStart": start,
        "ChargePeriodEnd": end,
        "ChargeCategory": "Usage",
        "ChargeClass": "",
        "ServiceName": "Amazon EC2",
        "ServiceCategory": "Compute",
        "BilledCost": cost,
        "EffectiveCost": cost,
        "Tags": '{"service": "policy-engine"}',
        **changes,
    }


def state(warehouse: Warehouse, stamp: str, *charges: dict[str, str]) -> None:
    """Land a statement."""
    path = warehouse.settings.landing / "focus" / f"landed={stamp}Z" / "aws.csv"
    path.parent.mkdir(parents=True)
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(charges[0]))
        writer.writeheader()
        writer.writerows(charges)


def books(warehouse: Warehouse, *, is_built: bool = False) -> Books:
    seeds = warehouse.settings.root / "seeds"
    return Books(warehouse.settings, seeds, Console(file=StringIO()), is_built=is_built)


def booked(warehouse: Warehouse) -> list[tuple[Any, ...]]:
    warehouse.build(scope=COST)
    assert warehouse.query("select * from exc_cost_lock_mismatches") == []
    return [(month.month, *rest) for month, *rest in warehouse.query(BOOKED)]


def test_a_closed_month_stays_and_what_came_later_stands_in_the_open_one(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    allowed = {
        "id": "d-close",
        "at": "2026-01-01T00:00:00Z",
        "actor_id": "cfo@summit",
        "rule_id": "period.close",
        "effect": "allow",
        "subject_type": "period",
        "subject_id": "*",
        "scope": "standing",
    }
    batch = "landed=20260205T060000Z"
    warehouse.land(f"{batch}/d.ndjson", allowed, folder="policy_decisions")
    january = used("a1", 1, "acme-robotics", 6), used("b1", 1, "borealis-bank", 4)
    february = used("a2", 2, "acme-robotics", 1), used("b2", 2, "borealis-bank", 9)
    warehouse.land(f"{batch}/e.ndjson", *january)
    state(warehouse, "20260205T060000", charge(1, "100"))

    # 1. A decision that is not there allows nothing, and February has not ended. January is closed
    #    by a command that dies after its act and before its lock; run again, it locks what stands.
    with pytest.raises(MeterhouseError, match="no decision in force"):
        cost_close.close(books(warehouse), JANUARY, Authority("controller@summit", "d-none"))
    with pytest.raises(MeterhouseError, match="an hour after its end"):
        cost_close.close(books(warehouse, is_built=True), FEBRUARY, CONTROLLER)

    def dying(folder: Path, *rest: Any) -> Path:
        if folder.name == "locks":
            raise KeyboardInterrupt
        return real(folder, *rest)

    real = documents.land
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(documents, "land", dying)
        cost_close.close(books(warehouse, is_built=True), JANUARY, CONTROLLER)
    assert cost_close.close(books(warehouse, is_built=True), JANUARY, CONTROLLER).lock_count == 1
    closed = [(1, "acme-robotics", 60, 60), (1, "borealis-bank", 40, 40)]
    assert booked(warehouse) == closed
    assert cost_close.close(books(warehouse, is_built=True), JANUARY, CONTROLLER).paths == ()

    # 2. Acme's usage of January turns out to be 16, and AWS states January anew, 110 for 100.
    #    January stays; February has the new statement by January's usage as it is known now, 16 to
    #    4, and takes the old one back the same way: 88 - 80 and 22 - 20. Its own statement has a
    #    correction of January (-10, by January's usage: -8 and -2) and a credit of its own month
    #    (-20 by 1 to 9: -2 and -18) beside its 200.
    warehouse.land("landed=20260305T060000Z/e.ndjson", used("a3", 1, "acme-robotics", 10))
    state(warehouse, "20260305T060000", charge(1, "110"))
    warehouse.land("landed=20260306T060000Z/e.ndjson", *february)
    correction = {
        "ChargeClass": "Correction",
        "BillingPeriodStart": "2026-02-01T00:00:00Z",
        "BillingPeriodEnd": "2026-03-01T00:00:00Z",
    }
    credit = charge(2, "-20", ChargeCategory="Credit")
    state(warehouse, "20260306T060000", charge(2, "200"), charge(1, "-10", **correction), credit)
    own = [
        (2, "acme-robotics", 8 - 8 + 20 - 2, 8 - 8 + 20 - 2),
        (2, "borealis-bank", 2 - 2 + 180 - 18, 2 - 2 + 180 - 18),
    ]
    assert booked(warehouse) == [*closed, *own]
    assert warehouse.query(
        "select row_status, is_posted, cost_month, reversed_in_month, billed_cost_amount"
        " from fct_cost_statement_rows where billed_cost_amount in (100, 110) order by landed_at"
    ) == [
        ("superseded", True, JANUARY, FEBRUARY, 100),
        ("current", True, FEBRUARY, None, 110),
    ]

    # 3. February is closed too. A file of January's that lands now under an old stamp was not known
    #    to either lock, so it stands in March, by January's usage: 4 and 1.
    assert cost_close.close(books(warehouse, is_built=True), FEBRUARY, CONTROLLER).lock_count == 1
    state(warehouse, "20260204T060000", charge(1, "5", ProviderName="Other Cloud"))
    warehouse.land("landed=20260410T060000Z/e.ndjson", used("a4", 3, "acme-robotics", 1))
    march = [(3, "acme-robotics", 4, 4), (3, "borealis-bank", 1, 1)]
    assert booked(warehouse) == [*closed, *own, *march]

    # 4. A new database from the same landing folder has the same rows and ids.
    other = Warehouse(warehouse.folder / "other", landing=warehouse.settings.landing)
    other.build(scope=COST)
    assert other.digests() == warehouse.digests()
    total = "select sum(difference_billed_cost_amount), count(*) from rpt_cost_reconciliation"
    assert other.query(total) == [(0, 3)]
    assert sum(row[2] for row in other.query(BOOKED)) == 110 + 200 - 10 - 20 + 5

    # 5. The rule that maps the service is edited in place. Closed months stay as they were locked,
    #    and the difference is listed.
    root, overlay = warehouse.settings.root, warehouse.folder / "overlay"
    overlay.mkdir()
    rules = root / "seeds" / "catalogue" / "cost_mapping_rules.csv"
    edited = rules.read_text().replace(",by-policy-decisions,", ",evenly,")
    (overlay / rules.name).write_text(edited)
    warehouse.build(catalogue.lay_over(root / "seeds", overlay, root / ".catalogue"), COST)
    assert warehouse.query(BOOKED)[:4] == other.query(BOOKED)[:4]
    reasons = "select distinct reason from exc_cost_lock_mismatches"
    assert warehouse.query(reasons) == [("computed_otherwise",)]
