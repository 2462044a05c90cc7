"""Hand-made folders, with the amounts worked out by hand."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from python_ext import catalogue
from python_ext.publish import publish
from tests.scenarios.conftest import BILLED, COSTED, INTAKE, Warehouse, event

BATCH = "landed=20260305T100000Z"


def usage_line(warehouse: Warehouse, description: str = "Policy decisions") -> tuple[Any, ...]:
    """Quantity, amount and tax of a line of Acme's draft for March 2026."""
    (row,) = warehouse.query(
        "select line.quantity, line.amount, line.tax_amount from fct_invoice_lines as line"
        " inner join fct_invoices as invoice using (invoice_id)"
        " where tenant_id = 'acme-robotics' and period_start_at = '2026-03-01'"
        f" and description = '{description}'"
    )
    return row


def test_three_events_make_the_right_draft_and_another_price_another_one(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    """700 decisions less 500 free ones are 200 at 0.016, 3.20 and 0.28 tax (8.875 %)."""
    warehouse.land(
        f"{BATCH}/events.ndjson",
        event("e1", quantity=400),
        event("e2", quantity="299.5", timestamp="2026-03-05T11:59:00+02:00"),
        event("e3", quantity=0.5, metadata={}),
    )
    warehouse.build(scope=BILLED)
    assert usage_line(warehouse) == (Decimal(700), Decimal("3.20"), Decimal("0.28"))
    fees = "1900 + 700 + 1200"
    (draft,) = warehouse.query(
        f"select status, invoice_number, subtotal_amount = {fees} + 3.20,"
        " tax_amount = round(subtotal_amount * 0.08875, 2), total_amount, due_date"
        " from fct_invoices where tenant_id = 'acme-robotics' and period_start_at = '2026-03-01'"
    )
    assert draft[:4] == ("draft", None, True, True)
    assert draft[4] == Decimal("4140.73")
    assert draft[5] == datetime(2026, 5, 1).date()

    seeds = warehouse.settings.root / "seeds"
    overlay = tmp_path / "catalogue"
    overlay.mkdir()
    text = (seeds / "catalogue" / "plan_line_tiers.csv").read_text()
    old, new = (f"saas_enterprise@1:decisions,USD,1,500,{price},0" for price in ("0.016", "0.02"))
    assert old in text
    prices = overlay / "plan_line_tiers.csv"
    prices.write_text(text.replace(old, new))
    before = prices.read_bytes(), prices.stat().st_mtime_ns
    for _ in range(2):
        laid = catalogue.lay_over(seeds, overlay, warehouse.settings.root / ".catalogue")
        warehouse.build(laid, BILLED)
        assert usage_line(warehouse)[:2] == (Decimal(700), Decimal("4.00"))
        assert (prices.read_bytes(), prices.stat().st_mtime_ns) == before


def test_lines_that_cannot_be_used_are_rows_and_the_build_goes_on(warehouse: Warehouse) -> None:
    warehouse.land(
        f"{BATCH}/events.ndjson.gz",
        event("good"),
        "this is not JSON",
        event("far", timestamp="2099-01-01T00:00:00Z"),
        '{"id":"fine","quantity":0.123456789012,"tenant_id":"acme-robotics","category":"revops",'
        '"type":"x","timestamp":"2026-03-01T00:00:00Z"}',
        event("wide", quantity="1234567890123456789012345"),
        event("ghost", tenant_id="ghost-co", category="astrology"),
        {key: value for key, value in event("lost").items() if key != "tenant_id"},
        event("good"),
        event("good", quantity=2),
    )
    warehouse.build(scope=INTAKE)
    assert warehouse.query(
        "select line_number, tenant_id, reason, reasons from fct_rejected_events order by 1"
    ) == [
        (2, "(unknown)", "malformed_json", "malformed_json"),
        (3, "acme-robotics", "future_timestamp", "future_timestamp"),
        (4, "acme-robotics", "bad_quantity", "bad_quantity"),
        (5, "acme-robotics", "bad_quantity", "bad_quantity"),
        (6, "ghost-co", "unknown_tenant", "unknown_tenant,unknown_category"),
        (7, "(unknown)", "missing_tenant_id", "missing_tenant_id"),
        (9, "acme-robotics", "conflicting_duplicate", "conflicting_duplicate"),
    ]
    duplicates = warehouse.query("select line_number, event_id from fct_duplicate_events")
    assert duplicates == [(8, "good")]
    assert warehouse.query("select event_id, quantity from fct_usage_events") == [("good", 1)]
    assert warehouse.query(
        "select raw_line from fct_rejected_events where reason = 'malformed_json'"
    ) == [("this is not JSON",)]
    assert usage_line(warehouse) == (1, 0, 0)


def test_late_events_and_corrections_reach_the_period_they_belong_to(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    first = [
        event("feb", quantity=900, timestamp="2026-02-27T10:00:00Z"),
        event("mar", quantity=600),
    ]
    later = [
        event("late", quantity=50, timestamp="2026-02-28T23:59:59.999999Z"),
        event("undo", quantity=-100, metadata={"corrects_event_id": "feb"}),
    ]
    warehouse.land(f"{BATCH}/events.ndjson", *first)
    warehouse.build(scope=BILLED)
    february = (
        "select quantity from fct_rated_usage where tenant_id = 'acme-robotics'"
        " and plan_line_id = 'saas_enterprise@1:decisions' and period_month = '2026-02-01'"
        " order by version"
    )
    assert warehouse.query(february) == [(900,)]
    warehouse.land("landed=20260306T100000Z/events.ndjson", *later)
    warehouse.build(scope=BILLED)
    assert warehouse.query(february) == [(900,), (850,)]
    assert usage_line(warehouse)[0] == 600
    late = warehouse.query("select event_id from fct_usage_events where is_late order by 1")
    assert late == [("feb",), ("late",)]

    # The same lines in another order and other files: the same readings, rated usage and invoices.
    other = Warehouse(tmp_path / "other")
    other.land(f"{BATCH}/b.ndjson.gz", *reversed(first))
    other.land("landed=20260306T100000Z/a.ndjson", later[1])
    other.land("landed=20260306T100000Z/b.ndjson", later[0])
    other.build(scope=BILLED)
    for table in ("fct_meter_readings", "fct_rated_usage", "fct_invoice_lines", "fct_invoices"):
        assert other.digests()[table] == warehouse.digests()[table], table


def test_a_real_focus_statement_is_kept_to_the_last_decimal(
    warehouse: Warehouse, data_folder: Path
) -> None:
    focus = warehouse.settings.landing / "focus" / "landed=20241005T000000Z"
    focus.mkdir(parents=True)
    name = "focus_1.0_real_1000.csv.gz"
    (focus / name).write_bytes((data_folder / name).read_bytes())
    warehouse.build(scope=COSTED)
    assert warehouse.query(
        "select provider, sum(statement_billed_cost_amount), sum(unallocated_billed_cost_amount),"
        " sum(difference_billed_cost_amount) from rpt_cost_reconciliation group by 1 order by 1"
    ) == [
        ("AWS", Decimal("18.006638618400"), Decimal("18.006638618400"), 0),
        ("Microsoft", Decimal("1.976514185860"), Decimal("1.976514185860"), 0),
        ("Oracle", Decimal("0.537073924730"), Decimal("0.537073924730"), 0),
    ]
    assert warehouse.query(
        "select sum(source_row_count), sum(billed_cost_amount), min(reason)"
        " from fct_unallocated_costs"
    ) == [(1000, Decimal("20.520226728990"), "no_rule")]


def test_a_damaged_file_stops_the_build_and_what_is_published_stays(warehouse: Warehouse) -> None:
    warehouse.land(f"{BATCH}/events.ndjson", event("e1"))
    warehouse.build(scope=BILLED)
    published = publish(warehouse.settings.database, warehouse.settings.published)
    before = published.read_bytes()
    events = [event(f"m{number}") for number in range(99)]
    cut = warehouse.land("landed=20260306T100000Z/more.ndjson.gz", *events)
    cut.write_bytes(cut.read_bytes()[:-20])
    result = warehouse.try_build(scope=BILLED)
    assert not result.success
    (error,) = [failure for failure in result.failures if failure.kind == "error"]
    assert "more.ndjson.gz" in error.message
    assert "truncated" in error.message
    assert "Traceback" not in error.message
    assert published.read_bytes() == before


@pytest.mark.parametrize("column", ["BilledCost", "EffectiveCost"])
def test_a_cost_that_would_be_rounded_is_refused_with_its_row(
    warehouse: Warehouse, column: str
) -> None:
    row = {
        "ProviderName": "AWS",
        "BillingCurrency": "USD",
        "ChargeCategory": "Usage",
        "ChargePeriodStart": "2026-02-01T00:00:00Z",
        "ServiceName": "Amazon EC2",
        "BilledCost": "1",
        "EffectiveCost": "1",
    }
    bad = {**row, column: "0.0000000000001"}
    path = warehouse.settings.landing / "focus" / "a_20260305T000000Z.csv"
    path.parent.mkdir(parents=True)
    path.write_text("\n".join(",".join(line) for line in (row, row.values(), bad.values())))
    warehouse.build(scope=COSTED)
    reason = {"BilledCost": "bad_billed_cost", "EffectiveCost": "bad_effective_cost"}[column]
    refused = warehouse.query("select line_number, reason from fct_rejected_cost_rows")
    assert refused == [(2, reason)]
    assert warehouse.query("select sum(billed_cost_amount) from fct_cost_pools") == [(1,)]


def test_a_sum_beyond_the_largest_quantity_is_read_exactly_and_billed_not_at_all(
    warehouse: Warehouse,
) -> None:
    """Three events of the largest quantity there is, as sums, users, levels, maxima and a bill."""
    largest = "9999999999999.999999999"
    stock = {"category": "platform", "type": "component_inventory", "quantity": largest}
    warehouse.land(
        "landed=20260402T100000Z/events.ndjson",
        *(event(f"e{number}", quantity=largest) for number in range(3)),
        event("one_more", quantity="10000000000000"),
        *(event(f"s{number}", **stock) for number in range(2)),
        event("s2", **stock | {"metadata": {"corrects_event_id": "s1"}}),
    )
    warehouse.build(scope=BILLED)
    sums = [(3, Decimal("29999999999999.999999997")), (3, Decimal("19999999999999.999999998"))]
    assert (
        warehouse.query(
            "select event_count, quantity from fct_meter_readings where is_current and meter_id"
            " in ('meter:policy_decisions', 'platform.components') order by quantity desc"
        )
        == sums
    )
    assert warehouse.query("select event_id, reason from fct_rejected_events") == [
        ("one_more", "bad_quantity")
    ]
    assert warehouse.query(
        "select quantity, event_count from exc_unpriced_usage"
        " where meter_id = 'meter:policy_decisions'"
    ) == [(sums[0][1], 3)]
    assert warehouse.query(
        "select distinct status from fct_reading_outcomes where meter_id = 'meter:policy_decisions'"
    ) == [("unpriced",)]
    assert warehouse.query(
        "select count(*) from fct_invoice_lines where description = 'Policy decisions'"
        " and quantity > 0"
    ) == [(0,)]
