"""One contract from its invoice to the journal, and a month of revenue that is closed between.

A year of fees is invoiced on its first day: 1,000 USD a month, and 1,500 from April on, which is
agreed in April. Decisions cost 0.10 each. A service fails in February, for which 100 are credited
in March; 30 decisions of January land in March. `models/decisions.md` follows the same contract.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from python_ext import billing, catalogue, revenue_close
from python_ext.billing import INVOICING, Books, Credit
from python_ext.errors import MeterhouseError
from python_ext.runner import Scope
from tests.conformance.names import RECORDED
from tests.conformance.stage import write_rows
from tests.scenarios.conftest import Warehouse
from tests.scenarios.test_billing_periods import ALWAYS, contract, decisions, plan
from tests.scenarios.test_invoicing import DECISIONS, by

BILLED = Scope(select=INVOICING, is_checked=False)
EARNED = Scope(select=(*INVOICING, *revenue_close.REVENUE), is_checked=False)
CHECKED = Scope(
    select=(
        *EARNED.select,
        "+path:models/13_ledger",
        "+exc_revenue_lock_mismatches",
        "+exc_actions_without_decision",
    )
)
JANUARY, FEBRUARY, MARCH = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)
ROWS: Sequence[Mapping[str, Any]] = (
    plan("small", "month", ("base", "fee", "flat", "1000")),
    plan("large", "month", ("base", "fee", "flat", "1500")),
    contract("worked", "small", "month", "2026-01-01", "2027-01-01"),
    {
        "billing_terms": [
            {"contract_id": "worked", "fee_interval": "year", "fee_timing": "in_advance", **ALWAYS}
        ]
    },
)
UPGRADE = {
    "contract_plan_changes": [
        {
            "contract_id": "worked",
            "plan_id": "large",
            "effective_date": "2026-04-01",
            "change_policy": "immediate_prorated",
            **RECORDED,
            "recorded_at": "2026-04-01T09:00:00Z",
        }
    ]
}
REVENUE = """
    select revenue_month, revenue_kind, sum(recognised_amount), sum(correction_amount)
    from fct_recognised_revenue
    where contract_id = 'worked'
    group by revenue_month, revenue_kind
    order by revenue_month, revenue_kind
"""
BALANCES = """
    select deferred_amount, unbilled_amount, refund_liability_amount, receivable_amount
    from fct_revenue_balances
    where contract_id = 'worked' and balance_month = '{}'
"""
ACCOUNTS = """
    select accounts.posting_role, sum(lines.debit_amount - lines.credit_amount)
    from fct_journal_lines as lines
    inner join dim_accounts as accounts using (account_id)
    where lines.tenant_id = 'worked'
    group by accounts.posting_role
    having sum(lines.debit_amount - lines.credit_amount) <> 0
"""


def money(*amounts: str) -> tuple[Decimal, ...]:
    return tuple(map(Decimal, amounts))


class Worked:
    """The contract's books: a landing folder, a catalogue, and commands."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.warehouse = warehouse
        self.seeds = self.catalogue("first", *ROWS)
        self.built: dict[tuple[str, ...], set[Path]] = {}

    def catalogue(self, name: str, *rows: Mapping[str, Any]) -> Path:
        """The default catalogue with more rows."""
        root, folder = self.warehouse.settings.root, self.warehouse.folder / name
        folder.mkdir()
        added: dict[str, list[tuple[str, Mapping[str, Any]]]] = {}
        for each in rows:
            for file, found in each.items():
                added.setdefault(file, []).extend(("", row) for row in found)
        write_rows(added, folder, root / "seeds" / "catalogue")
        return catalogue.lay_over(root / "seeds", folder, root / ".catalogue")

    def land(self, stamp: str, *lines: dict[str, Any], folder: str = "usage_events") -> None:
        self.warehouse.land(f"landed={stamp}Z/lines.ndjson", *lines, folder=folder)

    def build(self, scope: Scope = EARNED) -> None:
        """Build what is in scope, unless nothing has landed since."""
        landed = {*self.warehouse.settings.landing.rglob("*.ndjson")}
        if self.built.get(scope.select) != landed:
            self.warehouse.build(self.seeds, scope)
            self.built[scope.select] = landed

    def books(self, scope: Scope = BILLED) -> Books:
        self.build(scope)
        console = Console(file=StringIO())
        return Books(self.warehouse.settings, self.seeds, console, is_built=True)

    def draft(self, covers: str, month: date) -> str:
        ((found,),) = self.query(
            "select invoices.invoice_id from fct_invoices as invoices"
            " inner join fct_billing_periods as periods using (billing_period_id)"
            f" where invoices.contract_id = 'worked' and periods.covers = '{covers}'"
            f" and periods.period_start_date = '{month}'"
        )
        return str(found)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        return self.warehouse.query(sql)

    def revenue(self) -> dict[tuple[int, str], tuple[Decimal, Decimal]]:
        return {(month.month, kind): tuple(rest) for month, kind, *rest in self.query(REVENUE)}

    def balances(self, month: date) -> tuple[Decimal, ...]:
        (found,) = self.query(BALANCES.format(month))
        return found


@pytest.fixture
def worked(tmp_path: Path) -> Worked:
    return Worked(Warehouse(tmp_path))


def test_a_contract_is_followed_from_its_invoice_to_the_journal(worked: Worked) -> None:
    worked.land("20260101T000000", *DECISIONS, folder="policy_decisions")
    worked.land("20260102T080000", decisions("worked", "2026-01-01T10:00:00Z", 200))

    # 2 January: a year is invoiced; one day of it is earned, and the usage of that day.
    books = worked.books()
    fees = worked.draft("fee", JANUARY)
    billing.issue(books, [fees], by("d-issue"))
    billing.record(
        worked.books(),
        "record_payment",
        fees,
        {"amount": "12000", "currency_code": "USD"},
        by("d-pay"),
    )
    worked.build()
    assert worked.revenue() == {
        (1, "subscription"): money("32.88", "0"),
        (1, "usage"): money("20", "0"),
    }
    assert worked.balances(JANUARY) == money("11967.12", "20", "0", "0")

    # 1 February: January is invoiced and closed, after the twelve months in which other contracts
    # earned. 12,000 x 31 / 365.
    worked.land("20260201T020000", decisions("worked", "2026-01-31T23:00:00Z", 0))
    billing.close(worked.books(), JANUARY, None, by("d-close"))
    billing.issue(worked.books(), [worked.draft("usage", JANUARY)], by("d-issue"))
    with pytest.raises(MeterhouseError, match="an hour after its end"):
        revenue_close.close(worked.books(EARNED), FEBRUARY, by("d-close"))
    assert revenue_close.close(worked.books(EARNED), JANUARY, by("d-close")).lock_count == 13
    assert revenue_close.close(worked.books(EARNED), JANUARY, by("d-close")).paths == ()
    worked.build()
    closed = {
        (1, "subscription"): money("1019.18", "0"),
        (1, "usage"): money("20", "0"),
    }
    assert worked.revenue() == closed
    assert worked.balances(JANUARY) == money("10980.82", "20", "0", "0")

    # 5 March: 30 decisions of January land. That month stands, and February earns 3.00 more; the
    # service that failed then takes 100 from it, which is owed until its memo.
    worked.land(
        "20260305T080000",
        decisions("worked", "2026-01-20T10:00:00Z", 30),
        decisions("worked", "2026-02-10T10:00:00Z", 100),
    )
    failed = Credit(Decimal(100), "sla_credit", service_month=FEBRUARY)
    billing.credit(worked.books(), {fees: failed}, by("d-memo"))
    billing.close(worked.books(), FEBRUARY, None, by("d-close"))
    billing.issue(worked.books(), [worked.draft("usage", FEBRUARY)], by("d-issue"))
    worked.build()
    # 12,000 x 59 / 365 is 1,939.73; 20 of January and 13 by now are 33.00.
    assert worked.revenue() == closed | {
        (2, "sla_credit"): money("-100", "0"),
        (2, "subscription"): money("920.55", "0"),
        (2, "usage"): money("13", "3"),
        (3, "subscription"): money("131.5", "0"),
    }
    assert worked.balances(FEBRUARY) == money("10060.27", "13", "100", "20")
    # The credit frees 100 of what was paid; the usage is open.
    assert worked.balances(MARCH) == money("9928.77", "0", "0", "33")

    # 2 April: the larger plan is agreed from the 1st on. 90 days at 12,000 and 275 at 18,000 a
    # year are 2,958.90 and 13,561.65; one of the latter is earned.
    worked.seeds = worked.catalogue("second", *ROWS, UPGRADE)
    worked.land("20260402T080000", decisions("worked", "2026-03-31T10:00:00Z", 0))
    billing.close(worked.books(), MARCH, None, by("d-close"))
    assert revenue_close.close(worked.books(EARNED), MARCH, by("d-close")).lock_count == 2
    # February was open until now: its fee is 59 of the 90 days that 2,958.90 are for.
    worked.build(CHECKED)
    assert worked.revenue() == closed | {
        (2, "sla_credit"): money("-100", "0"),
        (2, "subscription"): money("920.54", "0"),
        (2, "usage"): money("13", "3"),
        (3, "subscription"): money("1019.18", "0"),
        (4, "subscription"): money("49.32", "0"),
    }
    assert worked.query("select * from exc_revenue_lock_mismatches") == []
    # 16,520.55 of fees, 33.00 of usage and -100.00 are asked for, and 12,000.00 are paid.
    assert worked.balances(date(2026, 4, 1)) == money("13512.33", "0", "0", "4453.55")
    assert dict(worked.query(ACCOUNTS)) == {
        "cash": Decimal(12000),
        "accounts_receivable": Decimal("4453.55"),
        "deferred_revenue": Decimal("-13512.33"),
        "revenue_subscription": Decimal("-3008.22"),
        "revenue_usage": Decimal("-33"),
        "contra_sla_credit": Decimal(100),
    }

    # Another database, built at once from the same landing folder, has the same rows.
    again = Warehouse(worked.warehouse.folder / "again", landing=worked.warehouse.settings.landing)
    again.build(worked.seeds, replace(CHECKED, is_checked=False))
    tables = ("fct_revenue_lines", "fct_revenue_balances", "fct_journal_lines")
    first, second = worked.warehouse.digests(), again.digests()
    assert {name: second[name] for name in tables} == {name: first[name] for name in tables}
