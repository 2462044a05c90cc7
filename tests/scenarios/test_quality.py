"""What is expected of published marts: the demo keeps it all, and each expectation can fail."""

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from python_ext.expectations import Batch, Claim, Outcome, Report, Suite
from python_ext.expectations_suites import SUITES
from tests.scenarios.conftest import Warehouse

MARTS = sorted(
    {"dim_as_of"}.union(
        *(
            re.findall(r"\b(?:dim|fct|rpt)_\w+", batch.sql)
            for suite in SUITES
            for batch in suite.batches
        )
    )
)


@dataclass(frozen=True)
class Break:
    """A select from the mart that breaks one claim: kind of expectation, column and query.

    The demo is as of 5 March 2026: February is the newest whole month, December the first that is
    judged.
    """

    claim: str
    select: str


def changed(claim: str, mart: str, column: str, expression: str, where: str = "true") -> Break:
    """The column is something else in some rows."""
    return Break(
        claim,
        f"select * replace (case when {where} then {expression} else {column} end as {column})"
        f" from {mart}",
    )


def kept(claim: str, mart: str, where: str) -> Break:
    """Only some rows are left."""
    return Break(claim, f"select * from {mart} where {where}")


FEBRUARY = "= date '2026-02-01'"
JUDGED = ">= date '2025-12-01'"
A_DAY = "event_date = date '2026-02-20'"
EVENTS, READINGS = "fct_usage_events", "fct_meter_readings"
A_METER = f"meter_id = 'platform.api_calls' and date_trunc('month', period_start_at) {FEBRUARY}"
RATED, DOLLARS = "fct_rated_usage", f"currency_code = 'USD' and period_month {FEBRUARY}"
REVENUE, REVENUE_DOLLARS = (
    "fct_recognised_revenue",
    f"currency_code = 'USD' and revenue_month {FEBRUARY}",
)
JOURNAL, ROWS = "fct_journal_lines", "fct_cost_statement_rows"
AWS = f"provider = 'AWS' and cost_month {FEBRUARY}"
HOMES, PNL = "rpt_cost_reconciliation", "rpt_tenant_pnl"

BREAKS = (
    # usage
    kept("usage.fct_usage_events_freshness each days_behind", EVENTS, "event_at < '2026-02-20'"),
    kept(
        "usage.fct_meter_readings_freshness each days_behind",
        READINGS,
        "period_end_at < '2026-02-20'",
    ),
    kept("usage.event_days each event_count_ratio", EVENTS, f"not {A_DAY}"),
    changed(
        "usage.event_days each zero_quantity_share",
        EVENTS,
        "quantity",
        "0",
        f"{A_DAY} and hash(event_id) % 5 = 0",
    ),
    changed(
        "usage.event_days each assumed_environment_share",
        EVENTS,
        "is_environment_assumed",
        "true",
        A_DAY,
    ),
    changed("usage.event_days each correction_share", EVENTS, "is_correction", "true", A_DAY),
    kept("usage.reading_months each reading_count_ratio", READINGS, f"not ({A_METER})"),
    kept(
        "usage.reading_months median reading_count_ratio",
        READINGS,
        f"not (period_start_at {JUDGED} and hash(reading_id) % 2 = 0)",
    ),
    changed(
        "usage.reading_months each quantity_per_event_ratio",
        READINGS,
        "quantity",
        "quantity / 1000",
        A_METER,
    ),
    changed("usage.reading_months each zero_quantity_share", READINGS, "quantity", "0", A_METER),
    changed("usage.reading_months each corrected_share", READINGS, "sequence", "2", A_METER),
    changed("usage.environments each environment", EVENTS, "environment", "'prod'", A_DAY),
    changed("usage.actor_types each actor_type", EVENTS, "actor_type", "'robot'", A_DAY),
    # billing
    kept("billing.rated_months each row_count_ratio", RATED, f"not ({DOLLARS})"),
    changed(
        "billing.rated_months each net_amount_ratio",
        RATED,
        "net_amount",
        "net_amount * 10",
        DOLLARS,
    ),
    changed(
        "billing.rated_months each discount_share",
        RATED,
        "discount_amount",
        "gross_amount / 2",
        DOLLARS,
    ),
    changed(
        "billing.unit_prices each unit_price_ratio",
        RATED,
        "gross_amount",
        "gross_amount * 3",
        f"meter_id = 'meter:policy_decisions' and {DOLLARS}",
    ),
    changed(
        "billing.unit_prices mean unit_price_ratio",
        RATED,
        "gross_amount",
        "gross_amount * 2",
        f"period_month {JUDGED}",
    ),
    changed(
        "billing.unit_prices median unit_price_ratio",
        RATED,
        "gross_amount",
        "gross_amount * 1.2",
        f"period_month {JUDGED}",
    ),
    changed(
        "billing.unit_prices stdev unit_price_ratio",
        RATED,
        "gross_amount",
        "gross_amount * 3",
        f"period_month {JUDGED} and meter_id < 'm'",
    ),
    changed("billing.invoices each tax_share", "fct_invoices", "tax_amount", "subtotal_amount"),
    changed(
        "billing.invoices each discount_share",
        "fct_invoices",
        "discount_amount",
        "subtotal_amount * 0.95",
    ),
    kept(
        "billing.invoice_months each invoice_count_ratio",
        "fct_invoices",
        f"not (currency_code = 'USD' and date_trunc('month', period_start_at) {FEBRUARY})",
    ),
    kept(
        "billing.fct_invoices_freshness each days_behind",
        "fct_invoices",
        "period_start_at < '2025-12-15'",
    ),
    changed(
        "billing.line_types each line_type",
        "fct_invoice_lines",
        "line_type",
        "'fees'",
        "line_type = 'fee'",
    ),
    # revenue
    changed(
        "revenue.recognised_months each recognised_amount_ratio",
        REVENUE,
        "recognised_amount",
        "recognised_amount * 3",
        REVENUE_DOLLARS,
    ),
    changed(
        "revenue.recognised_months median recognised_amount_ratio",
        REVENUE,
        "recognised_amount",
        "recognised_amount * 3",
        f"revenue_month {JUDGED}",
    ),
    changed(
        "revenue.recognised_months each correction_share",
        REVENUE,
        "correction_amount",
        "-recognised_amount / 5",
        REVENUE_DOLLARS,
    ),
    kept(
        "revenue.fct_recognised_revenue_freshness each months_behind",
        REVENUE,
        "revenue_month < '2026-02-01'",
    ),
    changed(
        "revenue.revenue_kinds each revenue_kind",
        REVENUE,
        "revenue_kind",
        "'subscriptions'",
        "revenue_kind = 'subscription'",
    ),
    kept(
        "revenue.posting_months each line_count_ratio",
        JOURNAL,
        "not (source_type = 'recognition' and date_trunc('month', posted_date) "
        f"{FEBRUARY} and hash(entry_id) % 3 > 0)",
    ),
    changed(
        "revenue.posting_months each lines_per_entry_ratio",
        JOURNAL,
        "entry_id",
        "journal_line_id",
        f"source_type = 'recognition' and date_trunc('month', posted_date) {FEBRUARY}",
    ),
    kept(
        "revenue.fct_journal_lines_freshness each months_behind",
        JOURNAL,
        "posted_date < '2026-02-01'",
    ),
    changed(
        "revenue.mrr_movements each mrr_movement",
        "fct_mrr_movements",
        "mrr_movement",
        "'win_back'",
        "mrr_movement = 'new'",
    ),
    # cost
    kept(
        "cost.fct_cost_statement_rows_freshness each months_behind",
        ROWS,
        "cost_month < '2026-01-01'",
    ),
    kept("cost.statement_months each row_count_ratio", ROWS, f"({AWS}) is not true"),
    changed(
        "cost.statement_months each effective_to_billed",
        ROWS,
        "effective_cost_amount",
        "effective_cost_amount * 3",
        AWS,
    ),
    changed(
        "cost.cost_homes each unallocated_share",
        HOMES,
        "unallocated_effective_cost_amount",
        "statement_effective_cost_amount / 10",
    ),
    changed(
        "cost.cost_homes each idle_share",
        HOMES,
        "idle_effective_cost_amount",
        "statement_effective_cost_amount / 4",
    ),
    changed(
        "cost.allocation_methods each allocation_method",
        "fct_cost_attributions",
        "allocation_method",
        "'spread'",
        "allocation_method = 'shared'",
    ),
    changed(
        "cost.resource_types each resource_type",
        "fct_cost_attributions",
        "resource_type",
        "'gpu'",
        "resource_type = 'compute'",
    ),
    # margin
    kept("margin.rpt_tenant_pnl_freshness each months_behind", PNL, "period_month < '2026-02-01'"),
    changed(
        "margin.tenant_margins each gross_margin_ratio",
        PNL,
        "gross_margin_ratio",
        "1.2",
        f"period_month {FEBRUARY}",
    ),
    changed(
        "margin.tenant_margins each margin_change",
        PNL,
        "gross_margin_ratio",
        "gross_margin_ratio - 0.3",
        f"period_month {FEBRUARY}",
    ),
    changed("margin.tenant_margins median gross_margin_ratio", PNL, "gross_margin_ratio", "0.1"),
    changed(
        "margin.unit_costs median variance_ratio", "rpt_unit_economics", "variance_ratio", "0.6"
    ),
    changed("margin.forecasts median wape_ratio", "rpt_forecast_accuracy", "wape_ratio", "0.5"),
    changed(
        "margin.forecasts mean coverage_80_ratio",
        "rpt_forecast_accuracy",
        "coverage_80_ratio",
        "0.3",
    ),
    changed(
        "margin.revenue_bases each revenue_basis",
        "rpt_financial_report",
        "revenue_basis",
        "'booked'",
        "revenue_basis = 'invoiced'",
    ),
    kept(
        "margin.revenue_bases all revenue_basis", "rpt_financial_report", "revenue_basis <> 'rated'"
    ),
    # customers
    kept("customers.fct_mrr_freshness each months_behind", "fct_mrr", "mrr_month < '2026-03-01'"),
    changed(
        "customers.contracted_months each mrr_usd_ratio",
        "fct_mrr",
        "mrr_usd",
        "mrr_usd * 3",
        f"mrr_month {FEBRUARY}",
    ),
    changed(
        "customers.contracted_months each customer_count_ratio",
        "fct_mrr",
        "mrr_amount",
        "0",
        f"mrr_month {FEBRUARY} and tenant_id > 'd'",
    ),
    changed(
        "customers.retention each net_retention_ratio",
        "rpt_revenue_retention",
        "net_retention_ratio",
        "0.3",
    ),
    changed(
        "customers.churn mean logo_churn_ratio", "rpt_mrr_rollforward", "logo_churn_ratio", "0.2"
    ),
    changed(
        "customers.churn_reasons each churn_reason",
        "rpt_churn_analysis",
        "churn_reason",
        "'moved'",
    ),
    changed(
        "customers.lifetime_values median gross_margin_ratio",
        "rpt_customer_lifetime_value",
        "gross_margin_ratio",
        "0.1",
    ),
    changed(
        "customers.lifetime_values each lifetime_multiple",
        "rpt_customer_lifetime_value",
        "lifetime_value_usd",
        "lifetime_value_usd * 10",
    ),
    changed(
        "customers.payback mean payback_months", "rpt_acquisition_payback", "payback_months", "99"
    ),
)

KINDS = {
    "ExpectColumnValuesToBeBetween": "each",
    "ExpectColumnValuesToBeInSet": "each",
    "ExpectColumnMeanToBeBetween": "mean",
    "ExpectColumnMedianToBeBetween": "median",
    "ExpectColumnStdevToBeBetween": "stdev",
    "ExpectColumnDistinctValuesToContainSet": "all",
}


def name(suite: str, batch: str, claim: Claim) -> str:
    return f"{suite}.{batch} {KINDS[claim.expectation]} {claim.column}"


CLAIMS: dict[str, tuple[Batch, Claim]] = {
    name(suite.name, batch.name, claim): (batch, claim)
    for suite in SUITES
    for batch in suite.batches
    for claim in batch.claims
}


@pytest.fixture(scope="module")
def marts(demo: tuple[Warehouse, dict[str, Any]]) -> Iterator[duckdb.DuckDBPyConnection]:
    """The demo's marts, and beside them the broken ones: broken_N for break N."""
    warehouse, _ = demo
    with closing(duckdb.connect()) as connection:
        # Its views name its catalogue, so it is attached under its own name.
        database = warehouse.settings.database
        connection.execute(f"attach '{database}' as {database.stem} (read_only)")
        for mart in MARTS:
            connection.execute(f"create view {mart} as from {database.stem}.main.{mart}")
        yield connection


def check(connection: duckdb.DuckDBPyConnection, suites: tuple[Suite, ...], folder: Path) -> Report:
    from python_ext.expectations_run import check as work  # seconds to load

    return work(connection, suites, folder)


def test_the_demo_is_as_expected(marts: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    report = check(marts, SUITES, tmp_path)
    assert [each for each in report.outcomes if not each.is_met] == []
    assert report.unjudged == ()


def test_every_expectation_is_broken_once() -> None:
    assert [each.claim for each in BREAKS] == list(CLAIMS)


@pytest.fixture(scope="module")
def broken(
    marts: duckdb.DuckDBPyConnection, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Outcome]:
    """What became of each claim on the mart that is broken for it."""
    batches = []
    for number, each in enumerate(BREAKS):
        batch, claim = CLAIMS[each.claim]
        marts.execute(f"create view broken_{number} as {each.select}")
        sql = re.sub(rf"\b{batch.mart}\b", f"broken_{number}", batch.sql)
        batches.append(replace(batch, name=f"{number}", sql=sql, claims=(claim,)))
    folder = tmp_path_factory.mktemp("broken")
    report = check(marts, (Suite("broken", tuple(batches)),), folder)
    return {BREAKS[int(each.batch.name)].claim: each for each in report.outcomes}


@pytest.mark.parametrize("claim", [each.claim for each in BREAKS])
def test_an_expectation_fails_where_its_mart_is_broken(
    broken: dict[str, Outcome], claim: str
) -> None:
    outcome = broken[claim]
    assert not outcome.is_met
    assert 1 <= len(outcome.examples) <= 5


def test_a_warehouse_without_rows_has_nothing_to_be_wrong_about(
    marts: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    with closing(duckdb.connect()) as empty:
        for mart in MARTS:
            # What has been landed is known, and all of it was refused.
            left = "true" if mart == "dim_as_of" else "false"
            rows = marts.execute(f"select * from {mart} where {left}").arrow()  # noqa: F841
            empty.execute(f"create table {mart} as select * from rows")
        report = check(empty, SUITES, tmp_path)
        assert (report.outcomes, len(report.unjudged)) == ((), len(CLAIMS))
        empty.execute("delete from dim_as_of")
        assert check(empty, SUITES, tmp_path).as_of is None
