"""Contracts billed by other periods than calendar months, worked out by hand."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from python_ext import catalogue
from tests.conformance.names import DATES, RECORDED
from tests.conformance.stage import write_rows
from tests.scenarios.conftest import BILLED, Warehouse, event

BATCH = "landed=20260305T100000Z"
PACK = {"pack_id": "companyos_core", "environments": "production"}
ALWAYS = {"start_date": "2000-01-01", "end_date": "9999-12-31", **RECORDED}

Rows = Sequence[Mapping[str, Any]]


def plan(name: str, interval: str, *fees: tuple[str, str, str, str]) -> dict[str, Rows]:
    """A plan with fees (code, kind, charge model, price), and decisions at 0.10 each."""
    version = f"{name}@1"
    priced = {"currency_code": "USD", "tier_number": 1}
    usage = {
        "plan_line_id": f"{version}:decisions",
        "plan_version_id": version,
        "line_kind": "usage",
        "charge_model": "per_unit",
        "meter_id": "meter:policy_decisions",
        **PACK,
    }
    lines, tiers = [usage], [{"plan_line_id": usage["plan_line_id"], **priced}]
    tiers[0] |= {"unit_price": "0.1", "flat_amount": 0}
    for code, kind, charge_model, price in fees:
        key = {"plan_line_id": f"{version}:{code}"}
        of_line = {"plan_version_id": version, "line_kind": kind, "charge_model": charge_model}
        lines.append({**key, **of_line, **PACK, "description": code})
        is_flat = charge_model == "flat"
        of_tier = {"unit_price": 0 if is_flat else price, "flat_amount": price if is_flat else 0}
        tiers.append({**key, **priced, **of_tier})
    return {
        "price_plans": [
            {
                "plan_id": name,
                "sku": name,
                "plan_name": name,
                "edition": "hosted_saas",
                "billing_interval": interval,
            }
        ],
        "plan_versions": [
            {"plan_version_id": version, "plan_id": name, "version": 1, **DATES, **RECORDED}
        ],
        "plan_lines": lines,
        "plan_line_tiers": tiers,
    }


def contract(name: str, plan_id: str, interval: str, start: str, end: str) -> dict[str, Rows]:
    """A tenant of its own, which pays no tax, and its contract."""
    return {
        "tenants": [
            {
                "tenant_id": name,
                "tenant_name": name,
                "tier_id": "enterprise",
                "region": "us-east",
                "country_code": "US",
                "tax_region": "US-CO",
                "customer_kind": "internal",
                "billing_currency_code": "USD",
                "is_internal": "false",
            }
        ],
        "contracts": [
            {
                "contract_id": name,
                "tenant_id": name,
                "plan_id": plan_id,
                "contract_type": "custom",
                "currency_code": "USD",
                "start_date": start,
                "end_date": end,
                "billing_interval": interval,
                "payment_terms_days": 30,
                "issuing_entity_id": "summit-us",
                **RECORDED,
            }
        ],
        "contract_packs": [{"contract_id": name, "pack_id": "companyos_core"}],
    }


def decisions(tenant: str, at: str, quantity: int) -> dict[str, Any]:
    return event(f"{tenant}-{at}", tenant_id=tenant, timestamp=at, quantity=quantity)


SETUP = ("setup", "one_time", "flat", "250")
BASE = ("base", "fee", "flat", "100")
ROWS: tuple[dict[str, Rows], ...] = (
    plan("suite", "month", SETUP, BASE, ("seats", "fee", "per_unit", "12")),
    plan("lean", "month", ("base", "fee", "flat", "40")),
    plan("own", "month", ("base", "fee", "flat", "60")),
    plan("weekly", "week", ("base", "fee", "flat", "7")),
    # A year of fees in advance, months of usage in arrears, and five seats more after 90 days.
    contract("hybrid", "suite", "month", "2025-03-15", "2027-03-15"),
    {
        "billing_terms": [
            {
                "contract_id": "hybrid",
                "anchor": "anniversary",
                "fee_interval": "year",
                "fee_timing": "in_advance",
                **ALWAYS,
            }
        ],
        "contract_quantities": [
            {
                "contract_id": "hybrid",
                "line_code": "seats",
                "quantity": quantity,
                "start_date": start,
                "end_date": end,
                **RECORDED,
            }
            for quantity, start, end in (
                (10, "2025-03-15", "2025-06-13"),
                (15, "2025-06-13", "9999-12-31"),
            )
        ],
    },
    # Months from the 31st, the first days of them on trial; half a year that renews itself.
    contract("monthly", "suite", "month", "2025-01-31", "2025-07-31"),
    {
        "billing_terms": [
            {
                "contract_id": "monthly",
                "anchor": "anniversary",
                "trial_end_date": "2025-02-10",
                "auto_renew_months": 6,
                **ALWAYS,
            }
        ]
    },
    # Quarters of the calendar in Tokyo; another plan from the next of them on, and then a ramp.
    contract("quarterly", "suite", "quarter", "2025-07-01", "2027-07-01"),
    {
        "billing_terms": [{"contract_id": "quarterly", "time_zone": "Asia/Tokyo", **ALWAYS}],
        "contract_plan_changes": [
            {
                "contract_id": "quarterly",
                "plan_id": "lean",
                "effective_date": "2025-08-10",
                "change_policy": "next_period",
                **RECORDED,
            }
        ],
        "contract_overrides": [
            {
                "contract_id": "quarterly",
                "line_code": "base",
                "plan_line_id": "own@1:base",
                "start_date": "2026-01-01",
                "end_date": "2027-07-01",
                **RECORDED,
            }
        ],
    },
    contract("weeks", "weekly", "week", "2026-02-11", "2026-02-24"),
    # Terms that nobody decided: the contract has the defaults.
    contract("undecided", "lean", "month", "2026-01-01", "2027-01-01"),
    {
        "billing_terms": [
            {
                "contract_id": "undecided",
                "fee_timing": "in_advance",
                **ALWAYS,
                "policy_decision_id": "pd-nobody",
            }
        ]
    },
)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """One build of all contracts, with every check; its as-of is 5 March 2026, 10:00."""
    folder = tmp_path_factory.mktemp("billing")
    warehouse = Warehouse(folder)
    root = warehouse.settings.root
    added: dict[str, list[tuple[str, Mapping[str, Any]]]] = {}
    for rows in ROWS:
        for file, found in rows.items():
            added.setdefault(file, []).extend(("", row) for row in found)
    (folder / "catalogue").mkdir()
    write_rows(added, folder / "catalogue", root / "seeds" / "catalogue")
    warehouse.land(
        f"{BATCH}/events.ndjson",
        decisions("hybrid", "2025-04-14T23:59:59Z", 700),
        decisions("hybrid", "2025-04-15T00:00:00Z", 300),
        decisions("monthly", "2025-02-01T12:00:00Z", 10),
        decisions("monthly", "2025-02-28T00:00:00Z", 20),
        decisions("monthly", "2025-03-31T00:00:00Z", 30),
        decisions("quarterly", "2025-09-30T14:59:59Z", 10),
        decisions("quarterly", "2025-09-30T15:00:00Z", 20),
        decisions("weeks", "2026-02-15T23:59:59Z", 10),
        decisions("weeks", "2026-02-16T00:00:00Z", 20),
    )
    laid = catalogue.lay_over(root / "seeds", folder / "catalogue", root / ".catalogue")
    warehouse.build(laid, BILLED)
    return warehouse


def drafts(built: Warehouse, tenant: str) -> list[tuple[Any, ...]]:
    """First day, the day after the last, and amount of each draft, in order."""
    return built.query(
        "select cast(period_start_at as date), cast(period_end_at as date), subtotal_amount"
        f" from fct_invoices where tenant_id = '{tenant}' order by 1, 2 desc"
    )


def lines(built: Warehouse, tenant: str, start: str) -> dict[tuple[str, int], Decimal]:
    """Amounts by what is charged and which part of the period they are for."""
    rows = built.query(
        "select line.description, row_number() over (partition by line.description order by"
        " line.segment_start_at), line.amount from fct_invoice_lines as line"
        " inner join fct_invoices as invoice using (invoice_id)"
        f" where invoice.tenant_id = '{tenant}' and invoice.period_start_at = '{start}'"
        " and line.line_type = 'fee'"
    )
    return {(what, number): amount for what, number, amount in rows}


def test_a_year_of_fees_is_billed_in_advance_and_usage_by_the_month(built: Warehouse) -> None:
    """1,200 of base fee; 1,440 for 10 seats and 90 of 365 days, 2,160 for 15 and the other 275."""
    assert lines(built, "hybrid", "2025-03-15") == {
        ("setup", 1): Decimal("250"),
        ("base", 1): Decimal("295.89"),
        ("seats", 1): Decimal("355.07"),
        ("base", 2): Decimal("904.11"),
        ("seats", 2): Decimal("1627.40"),
    }
    first, *months = drafts(built, "hybrid")
    assert first == (date(2025, 3, 15), date(2026, 3, 15), Decimal("3432.47"))
    assert months[:2] == [
        (date(2025, 3, 15), date(2025, 4, 15), Decimal(70)),
        (date(2025, 4, 15), date(2025, 5, 15), Decimal(30)),
    ]
    assert len(months) == 12
    assert built.query(
        "select covers, bills_date, bills_at from fct_billing_periods"
        " where contract_id = 'hybrid' and period_start_date = '2025-03-15' order by 1"
    ) == [
        ("fee", date(2025, 3, 15), datetime(2025, 3, 15)),
        ("usage", date(2025, 4, 15), datetime(2025, 4, 15)),
    ]


def test_seats_that_are_added_are_charged_for_the_rest_of_the_year(built: Warehouse) -> None:
    """5 seats of 144 a year for 275 of 365 days are 542.47; what does not change cancels out."""
    assert built.query(
        "select changes_at, credited_amount, charged_ahead_amount, change_amount"
        " from fct_fee_changes where contract_id = 'hybrid'"
    ) == [
        (datetime(2025, 6, 13), Decimal("1989.04"), Decimal("2531.51"), Decimal("542.47")),
    ]


def test_months_from_the_31st_begin_after_a_trial_and_go_on(built: Warehouse) -> None:
    """18 of the 28 days up to 28 February are charged: 64.29, 250 once, and 1.00 of usage."""
    assert drafts(built, "monthly")[:4] == [
        (date(2025, 1, 31), date(2025, 2, 28), Decimal("315.29")),
        (date(2025, 2, 28), date(2025, 3, 31), Decimal("102.00")),
        (date(2025, 3, 31), date(2025, 4, 30), Decimal("103.00")),
        (date(2025, 4, 30), date(2025, 5, 31), Decimal("100.00")),
    ]
    assert built.query(
        "select agreed_end_date, end_date from dim_contracts where contract_id = 'monthly'"
    ) == [(date(2025, 7, 31), date(2026, 7, 31))]
    last = drafts(built, "monthly")[-1]
    assert last == (date(2026, 2, 28), date(2026, 3, 31), Decimal(100))


def test_quarters_of_another_zone_change_plan_and_ramp_at_their_midnight(built: Warehouse) -> None:
    """Three months at 100, then at 40, then at 60; usage by the clock of Tokyo."""
    assert drafts(built, "quarterly") == [
        (date(2025, 6, 30), date(2025, 9, 30), Decimal("551.00")),
        (date(2025, 9, 30), date(2025, 12, 31), Decimal("122.00")),
        (date(2025, 12, 31), date(2026, 3, 31), Decimal("180.00")),
    ]
    assert built.query(
        "select period_start_at::date, due_date from fct_invoices"
        " where tenant_id = 'quarterly' order by 1"
    ) == [
        (date(2025, 6, 30), date(2025, 10, 31)),
        (date(2025, 9, 30), date(2026, 1, 31)),
        (date(2025, 12, 31), date(2026, 5, 1)),
    ]


def test_weeks_begin_on_mondays_and_a_part_of_one_is_prorated(built: Warehouse) -> None:
    assert drafts(built, "weeks") == [
        (date(2026, 2, 11), date(2026, 2, 16), Decimal("6.00")),
        (date(2026, 2, 16), date(2026, 2, 23), Decimal("9.00")),
        (date(2026, 2, 23), date(2026, 2, 24), Decimal("1.00")),
    ]


def test_terms_that_nobody_decided_leave_the_defaults(built: Warehouse) -> None:
    assert built.query(
        "select distinct covers, timing from fct_billing_periods where contract_id = 'undecided'"
    ) == [("all", "in_arrears")]
    assert built.query("select act_id, reason from exc_actions_without_decision") == [
        ("billing_terms:undecided:billing:2000-01-01", "no_decision")
    ]
