"""What is rated has versions that follow what landed and what was recorded, never the builds."""

import csv
from decimal import Decimal
from pathlib import Path
from typing import Any

from python_ext import catalogue
from python_ext.runner import Scope
from tests.scenarios.conftest import Warehouse, event

CLOSING, LATE = "landed=20260402T100000Z", "landed=20260405T100000Z"
UNDOING = "landed=20260407T100000Z"
RATED = Scope(
    select=(
        *("+fct_rated_usage", "+fct_rated_usage_readings"),
        *("+fct_rated_breakdown", "+fct_rating_receipts"),
    )
)
PLAN = "saas_enterprise@1"
SHARED = ("fct_rated_usage", "fct_rated_breakdown", "fct_rating_receipts")

BATCHES: dict[str, list[dict[str, Any] | str]] = {
    CLOSING: [
        event("mar", quantity=700),
        event("feb", quantity=600, timestamp="2026-02-10T10:00:00Z"),
        event("apr", quantity=1, timestamp="2026-04-01T10:00:00Z"),
    ],
    LATE: [
        event("late", quantity=400, timestamp="2026-03-30T10:00:00Z"),
        event("apr2", quantity=1, timestamp="2026-04-03T10:00:00Z"),
    ],
    UNDOING: [event("undo", quantity=-200, metadata={"corrects_event_id": "mar"})],
}


def land(warehouse: Warehouse, stamp: str) -> None:
    warehouse.land(f"{stamp}/events.ndjson", *BATCHES[stamp])


def versions(warehouse: Warehouse, month: str) -> list[tuple[Any, ...]]:
    """Version, current or not, reason, plan version, quantity, net, difference and when known."""
    return warehouse.query(
        "select version, is_current, reason, plan_version_id, quantity, net_amount,"
        " delta_net_amount, strftime(known_from_at, '%m-%d')"
        " from fct_rated_usage where tenant_id = 'acme-robotics' and period_month = '"
        f"{month}' and meter_id = 'meter:policy_decisions' order by version"
    )


MARCH = [
    (1, False, "segment_ended", PLAN, 700, Decimal("3.2"), Decimal("3.2"), "04-02"),
    (2, False, "late_events", PLAN, 1100, Decimal("9.2"), Decimal("6"), "04-05"),
    (3, True, "correction", PLAN, 900, Decimal("6.4"), Decimal("-2.8"), "04-07"),
]
"""500 are free, the next 500 cost 0.016 and the ones above 0.012."""


def test_each_late_batch_makes_a_version_with_its_difference_and_the_former_stay(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    for number, stamp in enumerate(BATCHES, start=1):
        land(warehouse, stamp)
        warehouse.build(scope=RATED)
        known = [row[:1] + row[2:] for row in MARCH[:number]]
        assert [row[:1] + row[2:] for row in versions(warehouse, "2026-03-01")] == known
        assert [row[1] for row in versions(warehouse, "2026-03-01")] == [
            *[False] * (number - 1),
            True,
        ]
    (february,) = versions(warehouse, "2026-02-01")
    assert february[:3] == (1, True, "segment_ended")
    (april,) = versions(warehouse, "2026-04-01")
    assert april[:3] == (1, True, "in_progress")

    # Each version leads to its readings as they were, and to a receipt and steps of its own.
    readings = (
        "select rated.version, reading.sequence, sum(reading.quantity)"
        " from fct_rated_usage as rated inner join fct_rated_usage_readings as reading"
        " using (rated_usage_id) where rated.tenant_id = 'acme-robotics'"
        " and rated.period_month = '2026-03-01' and rated.meter_id = 'meter:policy_decisions'"
        " group by all order by all"
    )
    assert warehouse.query(readings) == [
        (1, 1, 700),
        (2, 1, 1100),
        (3, 1, 400),
        (3, 2, 500),
    ]
    assert warehouse.query(
        "select count(*), count(distinct receipt_id), count(distinct rated_usage_id)"
        " from fct_rating_receipts inner join fct_rated_usage using (receipt_id)"
        " where tenant_id = 'acme-robotics' and period_month = '2026-03-01'"
        " and meter_id = 'meter:policy_decisions'"
    ) == [(3, 3, 3)]

    before = warehouse.digests()
    warehouse.build(scope=RATED)
    other = Warehouse(tmp_path / "other")
    for stamp in reversed(BATCHES):
        land(other, stamp)
    other.build(scope=RATED)
    for table in SHARED:
        assert warehouse.digests()[table] == before[table], table
        assert other.digests()[table] == before[table], table


def corrected_price(warehouse: Warehouse, folder: Path) -> Path:
    """A catalogue whose Enterprise plan costs twice as much from the start, as is known in May."""
    folder.mkdir()
    new = "saas_enterprise@1-corrected"
    for name in ("plan_versions", "plan_lines", "plan_line_tiers"):
        with (warehouse.settings.root / "seeds" / "catalogue" / f"{name}.csv").open() as stream:
            rows = list(csv.DictReader(stream))
        added = []
        for row in rows:
            if PLAN not in (row["plan_line_id"] if "plan_line_id" in row else row.values()):
                continue
            copy = {key: value.replace(PLAN, new) for key, value in row.items()}
            if name == "plan_versions":
                copy |= {"version": "2", "supersedes_plan_version_id": PLAN}
                copy |= {"recorded_at": "2026-05-04T00:00:00Z"}
                copy["policy_decision_id"] = "pd-corrected"
            if name == "plan_line_tiers":
                copy["unit_price"] = str(2 * Decimal(row["unit_price"]))
            added.append(copy)
        with (folder / f"{name}.csv").open("w", newline="") as stream:
            writer = csv.DictWriter(stream, rows[0].keys())
            writer.writeheader()
            writer.writerows(rows + added)
    root = warehouse.settings.root
    return catalogue.lay_over(root / "seeds", folder, root / ".catalogue")


def test_a_price_corrected_after_the_month_makes_a_version_and_an_undecided_one_none(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    for stamp in BATCHES:
        land(warehouse, stamp)
    seeds = corrected_price(warehouse, tmp_path / "catalogue")
    warehouse.build(seeds, RATED)
    assert versions(warehouse, "2026-03-01") == MARCH

    decision = {
        "id": "pd-corrected",
        "at": "2026-05-01T09:00:00Z",
        "actor_id": "cfo@summit",
        "rule_id": "pricing.change",
        "effect": "allow",
        "subject_type": "price_plan",
        "subject_id": "saas_enterprise@1-corrected",
        "scope": "standing",
    }
    warehouse.land("landed=20260503T100000Z/one.ndjson", decision, folder="policy_decisions")
    warehouse.build(seeds, RATED)
    *former, corrected = versions(warehouse, "2026-03-01")
    assert [row[2:] for row in former] == [row[2:] for row in MARCH]
    assert corrected == (
        *(4, True, "price_corrected", f"{PLAN}-corrected", 900),
        *(Decimal("12.8"), Decimal("6.4"), "05-04"),
    )
    first, second = versions(warehouse, "2026-02-01")
    assert (first[3], first[5], second[5]) == (PLAN, Decimal("1.6"), Decimal("3.2"))

    before = warehouse.digests()
    warehouse.build(seeds, RATED)
    assert {name: warehouse.digests()[name] for name in SHARED} == {
        name: before[name] for name in SHARED
    }
