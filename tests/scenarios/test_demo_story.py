"""The demo data from landing to margin: what was planted is found, and found again."""

from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from dbt.cli.main import dbtRunner
from rich.console import Console

from python_ext.errors import MeterhouseError
from python_ext.explain import explain
from python_ext.runner import Scope
from tests.scenarios.conftest import Warehouse

Demo = tuple[Warehouse, dict[str, Any]]

STATED = "from fct_cost_statement_rows where row_status = 'current' and provider <> '(internal)'"
"""Rows of the statements that providers stand by."""


def test_the_warehouse_finds_exactly_what_was_planted(demo: Demo) -> None:
    warehouse, planted = demo
    one = {
        "accepted": "count(*) from fct_usage_events",
        "duplicates": "count(*) from fct_duplicate_events",
        "usage_lines": "sum(lines_received) from rpt_intake_reconciliation",
        "zero_quantity_events": "count(*) from fct_usage_events where quantity = 0",
        "late_events": "count(*) from fct_usage_events where is_late",
        "compensating_events": "count(*) from fct_usage_events where is_correction",
        "focus_rows": f"count(*) {STATED}",
        "cost_pool_rows": "count(*) from fct_cost_statement_rows where provider = '(internal)'",
        "superseded_cost_rows": (
            "count(*) from fct_cost_statement_rows"
            " where row_status = 'superseded' and not is_posted"
        ),
        "orphan_cost_rows": "sum(source_row_count) from fct_unallocated_costs",
    }
    found = {name: warehouse.query(f"select {sql}")[0][0] for name, sql in one.items()}
    assert found == {name: planted[name] for name in one}


def test_every_reason_for_a_refusal_is_counted(demo: Demo) -> None:
    warehouse, planted = demo
    rows = warehouse.query("select reason, count(*) from fct_rejected_events group by reason")
    assert dict(rows) == planted["rejected"]


def test_surges_losses_and_unpriced_usage_are_exceptions(demo: Demo) -> None:
    warehouse, planted = demo
    anomalies = warehouse.query(
        "select distinct split_part(subject_id, ':', 2), cast(seen_date as varchar)"
        " from fct_quality_signals"
        " where monitor like '%surge' or monitor like '%drop'"
    )
    assert anomalies == [(surge["tenant_id"], surge["date"]) for surge in planted["surges"]]
    losses = warehouse.query("select distinct tenant_id from exc_negative_margins")
    assert [row[0] for row in losses] == planted["negative_margin_tenants"]
    unpriced = warehouse.query(
        "select sum(event_count) from exc_unpriced_usage where meter_id = 'revops.leads_routed'"
    )
    assert unpriced[0][0] == planted["unpriced_events"]


def test_what_was_planted_is_what_monitors_find(demo: Demo) -> None:
    warehouse, planted = demo
    found = dict(
        warehouse.query(
            "select monitor, sum(occurrence_count) from fct_quality_findings group by monitor"
        )
    )
    refused = planted["rejected"]
    tenantless = refused["missing_tenant_id"] + refused["unknown_tenant"]
    assert found["missing_tenant_tag"] == tenantless
    assert found["rejected_lines"] == sum(refused.values()) - tenantless
    assert found["zero_quantity"] == planted["zero_quantity_events"]
    assert found["orphaned_cost"] == planted["orphan_cost_rows"]
    losses = warehouse.query(
        "select distinct split_part(subject_id, ':', 1) from fct_quality_findings"
        " where monitor = 'negative_margin'"
    )
    assert [row[0] for row in losses] == planted["negative_margin_tenants"]
    by_nobody = {"negative_quantity", "statement_gap", "receipt_missing", "lock_mismatch"}
    assert not by_nobody & set(found)


def test_every_seam_of_the_books_holds(demo: Demo) -> None:
    warehouse, _ = demo
    seams = warehouse.query(
        "select seam, sum(subject_count), sum(differing_count), sum(abs(difference_amount))"
        " from rpt_reconciliation_summary group by seam"
    )
    assert len(seams) == 22
    assert {row[2:] for row in seams} == {(0, 0)}
    # The demo issues nothing, so there is no document, and nobody holds a wallet.
    empty = {seam for seam, count, *_ in seams if not count}
    assert empty == {"invoice", "receivable", "receivable_account", "wallet"}


def test_every_statement_cent_is_there_and_orphans_are_listed(demo: Demo) -> None:
    warehouse, planted = demo
    totals = {
        "focus_billed_total": f"billed_cost_amount) {STATED}",
        "cost_pool_total": (
            "billed_cost_amount) from fct_cost_allocations where cost_pool_id in"
            " (select cost_pool_id from fct_cost_pools where provider = '(internal)')"
        ),
        "orphan_billed_total": "billed_cost_amount) from fct_unallocated_costs",
        "orphan_effective_total": "effective_cost_amount) from fct_unallocated_costs",
    }
    for name, sql in totals.items():
        rows = warehouse.query(f"select currency_code, sum({sql} group by currency_code")
        assert dict(rows) == {key: Decimal(value) for key, value in planted[name].items()}, name


def test_the_month_in_which_a_third_party_billed_too_much_is_listed(demo: Demo) -> None:
    warehouse, planted = demo
    months = warehouse.query(
        "select distinct cast(usage_month as varchar) from exc_third_party_overages order by 1"
    )
    assert [row[0] for row in months] == planted["third_party_overage_months"]


def test_every_meter_of_the_catalogue_is_read(demo: Demo) -> None:
    warehouse, _ = demo
    silent = warehouse.query(
        "select meter_id from dim_meters"
        " where meter_id not in (select meter_id from fct_meter_readings)"
    )
    assert silent == []


def test_the_internal_tenant_has_its_business_units(demo: Demo) -> None:
    warehouse, _ = demo
    units = warehouse.query(
        "select distinct business_unit_id from fct_meter_readings"
        " where tenant_id = 'summit-internal' order by 1"
    )
    assert {"summit-engineering", "summit-sales", "summit-finance"} <= {row[0] for row in units}


def test_invoices_are_drafts_in_whole_minor_units(demo: Demo) -> None:
    warehouse, _ = demo
    rows = warehouse.query(
        "select currency_code, count(*), count(invoice_number),"
        " bool_and(total_amount * list_extract([1, 10, 100, 1000], minor_unit + 1) % 1 = 0)"
        " from fct_invoices inner join dim_currencies using (currency_code)"
        " where status = 'draft' group by currency_code"
    )
    assert {row[0] for row in rows} == {"EUR", "GBP", "JPY", "KWD", "USD"}
    assert all(numbered == 0 and is_whole for _, _, numbered, is_whole in rows)


def test_an_invoice_line_is_explained_down_to_its_events(demo: Demo) -> None:
    warehouse, _ = demo
    line_id, events = warehouse.query("""
        select lines.invoice_line_id, rated_usage.event_count
        from fct_invoice_lines as lines
        inner join fct_rated_usage as rated_usage
            on lines.rated_usage_id = rated_usage.rated_usage_id
        where
            rated_usage.plan_line_id = 'saas_pro@2:decisions'
            and rated_usage.net_amount > 0
            and rated_usage.segment_end_at < (select as_of_at from dim_as_of)
        order by lines.invoice_line_id
        limit 1
    """)[0]
    written = Console(file=StringIO(), width=200)
    written.print(explain(warehouse.settings.database, line_id))
    text = written.file.getvalue() if isinstance(written.file, StringIO) else ""
    for part in ("tier 1: ", "plan saas_pro@2", "decision pd-plan-saas-pro-2: allow by cfo@summit"):
        assert part in text
    assert f"{events} events, from evt-" in text
    with pytest.raises(MeterhouseError, match="has this id"):
        explain(warehouse.settings.database, "no-such-line")


def test_a_rebuild_with_four_threads_gives_identical_tables(demo: Demo, tmp_path: Path) -> None:
    first, _ = demo
    again = Warehouse(tmp_path, landing=first.settings.landing, threads=4)
    unchecked = Scope(is_checked=False)  # equal tables pass the same checks
    again.build(scope=unchecked)
    assert again.digests() == first.digests()
    again.build(scope=unchecked)  # over what is there already
    assert again.digests() == first.digests()


def test_every_unit_test_beside_a_formula_passes(demo: Demo, monkeypatch: Any) -> None:
    warehouse, _ = demo
    root = warehouse.settings.root
    monkeypatch.chdir(root)
    for name, value in warehouse.settings.for_dbt(root / "seeds").items():
        monkeypatch.setenv(name, value)
    target = str(warehouse.folder / "target")
    arguments = ["test", "--select", "test_type:unit", "--log-level", "none"]
    outcome = dbtRunner().invoke([*arguments, "--target-path", target])
    tests = [
        result
        for result in getattr(outcome.result, "results", [])
        if result.node.resource_type == "unit_test"  # the hooks of a run report themselves too
    ]
    assert [(test.node.name, test.message) for test in tests if test.status != "pass"] == []
    assert len(tests) >= 25
