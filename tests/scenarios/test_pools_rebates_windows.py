"""Pooled tiers, yearly rebates and commitments by time of day, worked out by hand."""

from decimal import Decimal
from typing import Any

import pytest

from tests.scenarios.conftest import BILLED, Warehouse, event
from tests.scenarios.test_grants import ALLOWED, BATCH, decisions, lay


def used(event_id: str, event_type: str, at: str, quantity: int) -> dict[str, Any]:
    """RevOps usage of Acme Robotics in production."""
    return event(
        event_id,
        category="revops",
        type=event_type,
        timestamp=at,
        quantity=quantity,
        metadata={"env": "production"},
    )


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """One build of all three; its as-of is 5 March 2026, 10:00."""
    folder = tmp_path_factory.mktemp("edge_cases")
    warehouse = Warehouse(folder)
    deals = "ct-acme-robotics,deals,USD"
    seeds = lay(
        warehouse,
        folder / "catalogue",
        tenant_families=[
            f"robots,acme-robotics,2026-01-01,9999-12-31,{ALLOWED}",
            f"robots,harbor-insurance,2026-01-01,9999-12-31,{ALLOWED}",
            f"robots,borealis-bank,2026-01-01,2026-03-01,{ALLOWED}",
        ],
        volume_rebates=[
            f"deals-2025,{deals},2,200,0.5,2025-01-01,2026-01-01,{ALLOWED}",
            f"deals-2025,{deals},1,100,0.6,2025-01-01,2026-01-01,{ALLOWED}",
        ],
        time_of_day_commitments=[
            "office,ct-acme-robotics,leads,America/New_York,mon|tue|wed|thu|fri,9,17,100,,0.1,"
            f"2026-03-01,2026-03-14,{ALLOWED}",
            f"daily,ct-acme-robotics,leads,UTC,,0,24,,20,0.1,2026-03-04,2026-04-01,{ALLOWED}",
        ],
    )
    lines = seeds / "catalogue" / "plan_lines.csv"
    text = lines.read_text()
    assert text.count("saas_enterprise@1:decisions,") == 1
    pooled = [
        line.removesuffix(",") + "family,"
        if line.startswith("saas_enterprise@1:decisions,")
        else line
        for line in text.splitlines()
    ]
    (folder / "catalogue" / "plan_lines.csv").write_text("\n".join(pooled) + "\n")
    seeds = lay(warehouse, folder / "catalogue")
    warehouse.land(
        f"{BATCH}/events.ndjson",
        decisions("a", "2026-02-10T10:00:00Z", 1400),
        decisions("h", "2026-02-28T23:59:59Z", 1100, tenant_id="harbor-insurance"),
        decisions("b", "2026-02-10T10:00:00Z", 501, tenant_id="borealis-bank"),
        decisions("later", "2026-03-01T00:00:00Z", 600, tenant_id="borealis-bank"),
        used("jan", "deal_processed", "2025-01-31T23:59:59Z", 40),
        used("mar", "deal_processed", "2025-03-01T00:00:00Z", 30),
        used("oct", "deal_processed", "2025-10-15T12:00:00Z", 31),
        used("dec", "deal_processed", "2025-12-15T12:00:00Z", 100),
        used("new", "deal_processed", "2026-01-15T12:00:00Z", 500),
        used("early", "lead_routed", "2026-03-02T13:59:59Z", 5),
        used("first", "lead_routed", "2026-03-02T14:00:00Z", 60),
        used("last", "lead_routed", "2026-03-02T21:59:59Z", 30),
        used("late", "lead_routed", "2026-03-03T22:00:00Z", 9),
        used("over", "lead_routed", "2026-03-04T15:00:00Z", 130),
    )
    warehouse.build(seeds, BILLED)
    return warehouse


def test_a_family_fills_the_tiers_together_and_each_bears_its_part(built: Warehouse) -> None:
    """Over 500 free each, 900, 600 and 1 are 1501: 500 at 0.016 and 1001 at 0.012 are 20.012.

    Alone they cost 12.8, 9.2 and 0.016. In March Borealis has left: its 100 are charged alone.
    """
    pools = built.query(
        "select tenant_id, billable_quantity, pooled_amount, attributed_amount, alone_amount,"
        " attributed_amount - alone_amount = pooling_amount"
        " from fct_pooled_charges where period_month = '2026-02-01' order by 1"
    )
    pooled = Decimal("20.012")
    assert pools == [
        ("acme-robotics", 900, pooled, Decimal("11.999200532978014657"), Decimal("12.8"), True),
        ("borealis-bank", 1, pooled, Decimal("0.013332445036642238"), Decimal("0.016"), True),
        ("harbor-insurance", 600, pooled, Decimal("7.999467021985343105"), Decimal("9.2"), True),
    ]
    assert sum(row[3] for row in pools) == pooled
    march = "select distinct tenant_id from fct_pooled_charges where period_month = '2026-03-01'"
    assert sorted(built.query(march)) == [("acme-robotics",), ("harbor-insurance",)]


def test_a_tier_of_the_year_reprices_the_months_before(built: Warehouse) -> None:
    """October takes 70 to 101, above 100: 0.60 instead of 0.75. December takes it to 201: 0.50."""
    assert built.query(
        "select strftime(booked_month, '%m'), strftime(period_month, '%m'), former_amount,"
        " new_amount, delta_amount from fct_volume_rebates order by 1, 2"
    ) == [
        (booked, month, Decimal(former), Decimal(new), Decimal(delta))
        for booked, month, former, new, delta in (
            ("10", "01", "30", "24", "-6"),
            ("10", "03", "22.5", "18", "-4.5"),
            ("10", "10", "23.25", "18.6", "-4.65"),
            ("12", "01", "24", "20", "-4"),
            ("12", "03", "18", "15", "-3"),
            ("12", "10", "18.6", "15.5", "-3.1"),
            ("12", "12", "75", "50", "-25"),
        )
    ]


def test_each_window_of_the_day_is_drawn_or_short(built: Warehouse) -> None:
    """Office hours in New York are 14 to 22 UTC in the first week of March."""
    windows = (
        "select strftime(window_start_at, '%d %H'), strftime(window_end_at, '%d %H'), is_closed,"
        " used_quantity, drawn_quantity, shortfall_quantity, drawn_amount, shortfall_amount"
        " from fct_commitment_windows where commitment_id = '{}' order by 1"
    )
    assert built.query(windows.format("office")) == [
        ("02 14", "02 22", True, 90, 90, 10, 9, 1),
        ("03 14", "03 22", True, 0, 0, 100, 0, 10),
        ("04 14", "04 22", True, 130, 100, 0, 10, 0),
    ]
    assert built.query(windows.format("daily")) == [
        ("04 00", "05 00", True, 130, None, None, 13, 7),
        ("05 00", "06 00", False, 0, None, None, 0, None),
    ]
