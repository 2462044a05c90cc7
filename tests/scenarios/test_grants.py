"""Grants of units, from landed events to what is billed, with the numbers worked out by hand."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from python_ext import catalogue
from tests.scenarios.conftest import BILLED, Warehouse, event
from tests.scenarios.test_landing_to_invoice import usage_line

BATCH = "landed=20260305T100000Z"
ALLOWED = "2026-01-01T00:00:00Z,pd-catalogue-founding"


def lay(warehouse: Warehouse, folder: Path, **files: Sequence[str]) -> Path:
    """Seeds with rows added to the default files; a file is named by its name without ending."""
    seeds = warehouse.settings.root / "seeds"
    folder.mkdir(exist_ok=True)
    for name, rows in files.items():
        text = (seeds / "catalogue" / f"{name}.csv").read_text()
        (folder / f"{name}.csv").write_text(text + "\n".join(rows) + "\n")
    return catalogue.lay_over(seeds, folder, warehouse.settings.root / ".catalogue")


def decisions(event_id: str, at: str, quantity: int, **changes: Any) -> dict[str, Any]:
    """Policy decisions of Acme Robotics; the plan has 500 free a month, then 0.016 each."""
    return event(event_id, timestamp=at, quantity=quantity, **changes)


def test_grants_are_drawn_by_the_hour_and_what_they_cover_is_not_billed(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    """January 560, February 620, March 700 of 500 free: 60, 120 and 200 are drawn from grants.

    `monthly` gives 50 from 15 January on, anew on the 15th, and carries over up to 30; `bought`
    gives 100 from 1 February to 4 March. January: 40 in the hour of the 14th have no grant, 20 of
    the 20th leave 30 of `monthly`. February: 100 on the 10th take those 30, which lapse first, and
    70 of `bought`; on the 15th `monthly` has 50, and 20 on the 16th take 20 of `bought`, which ends
    before the 15th of March. On 4 March, 10 of `bought` expire at 00:00 and the 200 take what
    `monthly` has: 50. The rest, 150, is billed at 0.016: 2.40.
    """
    pack = "companyos_core"
    grants = [
        f"monthly,ct-acme-robotics,meter:policy_decisions,,granted,50,1,2026-01-15T00:00:00Z,"
        f"2026-12-15T00:00:00Z,month,30,{ALLOWED}",
        f"bought,ct-acme-robotics,,{pack},purchased,100,1,2026-02-01T00:00:00Z,"
        f"2026-03-04T00:00:00Z,none,,{ALLOWED}",
        f"elsewhere,ct-acme-robotics,,revops,granted,9,0,2026-02-01T00:00:00Z,"
        f"2026-03-04T00:00:00Z,none,,{ALLOWED}",
    ]
    seeds = lay(warehouse, tmp_path / "catalogue", unit_grants=grants)
    lines = [
        decisions("j1", "2026-01-14T10:05:00Z", 540),
        decisions("j2", "2026-01-20T10:05:00Z", 20),
        decisions("f1", "2026-02-10T09:59:59Z", 600),
        decisions("f2", "2026-02-16T00:00:00Z", 20),
        decisions("m1", "2026-03-04T10:15:00Z", 700),
        decisions("s1", "2026-03-04T10:15:00Z", 999, metadata={"env": "staging"}),
    ]
    warehouse.land(f"{BATCH}/events.ndjson", *lines)
    warehouse.build(seeds, BILLED)
    ledger = (
        "select strftime(moved_at, '%m-%d %H'), movement_type, cast(quantity as integer),"
        " cast(balance_quantity as integer) from fct_grant_movements where grant_id = '{}'"
        " order by movement_number"
    )
    assert warehouse.query(ledger.format("monthly")) == [
        ("01-15 00", "grant", 50, 50),
        ("01-20 10", "draw", -20, 30),
        ("02-10 09", "draw", -30, 0),
        ("02-15 00", "grant", 50, 50),
        ("03-04 10", "draw", -50, 0),
    ]
    assert warehouse.query(ledger.format("bought")) == [
        ("02-01 00", "grant", 100, 100),
        ("02-10 09", "draw", -70, 30),
        ("02-16 00", "draw", -20, 10),
        ("03-04 00", "expiry", -10, 0),
    ]
    assert warehouse.query(ledger.format("elsewhere"))[1:] == [("03-04 00", "expiry", -9, 0)]
    billed = (
        "select strftime(period_month, '%m'), quantity, billable_quantity from fct_rated_usage"
        " where plan_line_id = 'saas_enterprise@1:decisions' and tenant_id = 'acme-robotics'"
        " and period_month >= '2026-01-01' order by 1"
    )
    assert warehouse.query(billed) == [("01", 560, 40), ("02", 620, 0), ("03", 700, 150)]
    assert usage_line(warehouse)[:2] == (Decimal(700), Decimal("2.40"))
    assert warehouse.query(
        "select grant_id, granted_quantity, used_quantity, expired_quantity, balance_quantity"
        " from fct_grant_balances order by 1"
    ) == [("bought", 100, 90, 10, 0), ("elsewhere", 9, 0, 9, 0), ("monthly", 100, 100, 0, 0)]

    # 25 of 10 February did not happen: 20 less are drawn by the 16th, and those have room then.
    warehouse.land(
        "landed=20260306T100000Z/events.ndjson",
        decisions("undo", "2026-02-20T00:00:00Z", -25, metadata={"corrects_event_id": "f1"}),
    )
    warehouse.build(seeds, BILLED)
    assert warehouse.query(ledger.format("bought")) == [
        ("02-01 00", "grant", 100, 100),
        ("02-10 09", "draw", -45, 55),
        ("02-16 00", "draw", -20, 35),
        ("03-04 00", "expiry", -35, 0),
    ]
    assert warehouse.query(billed) == [("01", 560, 40), ("02", 595, 0), ("03", 700, 150)]
