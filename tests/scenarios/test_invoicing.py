"""From close to cash: what is issued stays; what comes after is a memo, a version or a payment.

Acme pays 1,900 + 1,200 + 700 USD a month, and 0.016 for each decision above 500; New York taxes
8.875 %. So 700 decisions make 3,803.20 and 337.534, rounded to 337.53.
"""

import csv
import hashlib
from dataclasses import replace
from datetime import UTC, date
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from rich.console import Console

from python_ext import billing, catalogue, documents, export_stripe, issued_documents, sending
from python_ext.billing import INVOICING, Authority, Books, Credit
from python_ext.errors import MeterhouseError
from python_ext.outbox import Outbox
from python_ext.push_stripe import Pace, Pusher
from python_ext.runner import Scope
from python_ext.sending import Sent, Wanted
from tests.python.stripe_server import Fault, Stripe, serve
from tests.scenarios.conftest import Warehouse, event

PLAN, FIXED = "saas_enterprise@1", "saas_enterprise@2"
JANUARY, FEBRUARY, MARCH = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)
UNCHECKED = Scope(select=INVOICING, is_checked=False)
CHECKED = Scope(
    select=(
        *INVOICING,
        "+exc_lock_mismatches",
        "+rpt_usage_to_cash_reconciliation",
        "+exc_actions_without_decision",
        "+path:models/14_margin/tenants",
        "+path:models/14_margin/packs",
        "+path:models/13_ledger",
    )
)


def decision(name: str, rule: str, subject: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": name,
        "at": "2026-01-01T00:00:00Z",
        "actor_id": "cfo@summit",
        "rule_id": rule,
        "effect": "allow",
        "subject_type": subject,
        "subject_id": "*",
        "scope": "standing",
        **changes,
    }


DECISIONS = (
    decision("d-close", "period.close", "period"),
    decision("d-issue", "invoice.issue", "invoice"),
    decision("d-fix", "invoice.correct", "invoice"),
    decision("d-memo", "memo.issue", "invoice"),
    decision("d-pay", "payment.record", "invoice"),
    decision("d-back", "payment.refund", "payment"),
    decision("d-lost", "receivable.write_off", "invoice"),
)


def by(decision_id: str, actor: str = "controller@summit") -> Authority:
    return Authority(actor, decision_id)


def used(event_id: str, at: str, quantity: int) -> dict[str, Any]:
    return event(event_id, timestamp=f"2026-{at}T10:00:00Z", quantity=quantity)


class KilledError(Exception):
    """The process is no more."""


class Acme:
    """Acme's books: a landing folder, the commands that append to it, and what a build makes."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.warehouse = warehouse
        self.seeds = warehouse.settings.root / "seeds"
        self.built: set[Path] = set()

    def land(self, stamp: str, *lines: dict[str, Any], folder: str = "usage_events") -> None:
        self.warehouse.land(f"landed={stamp}Z/lines.ndjson", *lines, folder=folder)

    def build(self, scope: Scope = UNCHECKED) -> None:
        self.warehouse.build(self.seeds, scope)
        self.built = self.files()

    def send(self, books: Books, month: date, out: Path, decision_id: str = "d-issue") -> Sent:
        wanted = Wanted(self.invoice_id(month), version=1)
        return sending.send(books, wanted, out, by(decision_id))

    def issue_and_die(self, invoice_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """Issue an invoice, and be gone after its lock and before its document is landed."""
        real = documents.land

        def dying(folder: Path, *rest: Any) -> Path:
            if folder.name == "issued":
                raise KilledError
            return real(folder, *rest)

        books = self.books()
        with monkeypatch.context() as patch, pytest.raises(KilledError):
            patch.setattr(documents, "land", dying)
            billing.issue(books, [invoice_id], by("d-issue"))

    def push(self, account: Stripe, outbox: Path) -> int:
        """Push what is in force to Stripe; returns how many requests arrived now."""
        voided = dict(self.query("select document_id, voided_at from fct_documents"))
        plan = export_stripe.plan(
            issued_documents.read(self.warehouse.settings.landing, voided),
            {name: at.replace(tzinfo=UTC) for name, at in voided.items() if at is not None},
        )
        assert not plan.problems
        with Outbox(outbox, account.address) as opened:
            opened.add(plan.requests)
            pace = Pace(timeout=0.3, first_pause=0.01)
            return Pusher("sk_test_1", account.address, pace).push(opened).delivered

    def files(self) -> set[Path]:
        return {*self.warehouse.settings.landing.rglob("*.ndjson")}

    def books(self) -> Books:
        """The books with all that has landed, for one command."""
        if self.built != self.files():
            self.build()
        settings, console = self.warehouse.settings, Console(file=StringIO())
        return Books(settings, self.seeds, console, is_built=True)

    def invoice_id(self, month: date) -> str:
        ((found,),) = self.query(f"select distinct invoice_id {self.of_acme} '{month}'")
        return str(found)

    of_acme = "from fct_invoices where tenant_id = 'acme-robotics' and period_start_at ="

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        return self.warehouse.query(sql)

    def versions(self, month: date) -> list[tuple[Any, ...]]:
        return self.query(
            "select version, invoice_number, status, subtotal_amount, tax_amount"
            f" {self.of_acme} '{month}' order by version"
        )

    def receivable(self, month: date) -> tuple[Any, ...]:
        (row,) = self.query(
            "select billed_amount, memo_amount, paid_amount, open_amount from fct_receivables"
            f" where invoice_id = '{self.invoice_id(month)}'"
        )
        return row

    def memos(self) -> list[tuple[Any, ...]]:
        return self.query(
            "select memo_number, memo_type, memo_reason, status, sum(amount), sum(tax_amount)"
            " from fct_memos group by all order by memo_number nulls last"
        )

    def landed(self) -> dict[str, str]:
        """Digest of every landed lock and document."""
        folder = self.warehouse.settings.landing
        return {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for name in ("locks", "issued")
            for path in (folder / name).rglob("*.ndjson")
        }


def amounts(*texts: str) -> tuple[Decimal, ...]:
    return tuple(Decimal(text) for text in texts)


def doubled_from_february(warehouse: Warehouse, folder: Path) -> Path:
    """A catalogue in which decisions cost twice as much from February, recorded in March."""
    folder.mkdir()
    for name in ("plan_versions", "plan_lines", "plan_line_tiers"):
        with (warehouse.settings.root / "seeds" / "catalogue" / f"{name}.csv").open() as stream:
            rows = list(csv.DictReader(stream))
        added = []
        for row in rows:
            if PLAN not in (row["plan_line_id"] if "plan_line_id" in row else row.values()):
                continue
            copy = {key: value.replace(PLAN, FIXED) for key, value in row.items()}
            if name == "plan_versions":
                row["effective_to_date"] = copy["effective_from_date"] = "2026-02-01"
                copy |= {"version": "2", "recorded_at": "2026-03-01T00:00:00Z"}
                copy["policy_decision_id"] = "d-price"
            if name == "plan_line_tiers" and "decisions" in row["plan_line_id"]:
                copy["unit_price"] = str(2 * Decimal(row["unit_price"]))
            added.append(copy)
        with (folder / f"{name}.csv").open("w", newline="") as stream:
            writer = csv.DictWriter(stream, rows[0].keys())
            writer.writeheader()
            writer.writerows(rows + added)
    root = warehouse.settings.root
    return catalogue.lay_over(root / "seeds", folder, root / ".catalogue")


def test_three_months_from_close_to_cash(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    acme = Acme(warehouse)
    acme.land("20260105T000000", *DECISIONS, folder="policy_decisions")
    acme.land("20260120T000000", used("jan", "01-15", 700))
    acme.land("20260202T000000", used("feb", "02-01", 600))

    # 1. February cannot be closed before it is over, nor January by a decision about invoices.
    books = acme.books()
    with pytest.raises(MeterhouseError, match="2026-03-01T01:00:00Z"):
        billing.close(books, FEBRUARY, "acme-robotics", by("d-close"))
    with pytest.raises(MeterhouseError, match="wrong_subject"):
        billing.close(books, JANUARY, "acme-robotics", by("d-issue"))

    # 2. January is locked, with the twelve months before it, and is a draft still.
    closed = billing.close(books, JANUARY, "acme-robotics", by("d-close"))
    assert (closed.lock_count, closed.document_numbers) == (13, ())
    again = billing.close(acme.books(), JANUARY, "acme-robotics", by("d-close"))
    assert (again.lock_count, again.paths) == (0, ())
    january = amounts("3803.20", "337.53")
    assert acme.versions(JANUARY) == [(1, None, "draft", *january)]

    # 3. Issued, it has the first number; then it is sent.
    issued = billing.issue(acme.books(), [acme.invoice_id(JANUARY)], by("d-issue"))
    assert issued.document_numbers == ("US-000001",)
    first = acme.landed()
    acme.build()
    assert acme.versions(JANUARY) == [(1, "US-000001", "issued", *january)]
    out = tmp_path / "out"
    books = acme.books()
    with pytest.raises(MeterhouseError, match="no decision in force allows it"):
        acme.send(books, JANUARY, out, "d-close")
    assert list(out.iterdir()) == []
    sent = acme.send(books, JANUARY, out)
    assert acme.send(books, JANUARY, out).action_id == sent.action_id
    written = {path.name: path.read_bytes() for path in out.iterdir()}
    assert sorted(written) == ["US-000001.html", "US-000001.pdf"]
    page = written["US-000001.html"].decode()
    for text in ("$4,140.73", "3,803.20", "337.53", "8.875%", "Policy decisions", "Usage annex"):
        assert text in page
    # 500 are free, and 200 at 0.016 are 3.20; the first and the last event are the same.
    for text in ("<dd>700</dd>", "<dd>200</dd>", "0.016", "2026-01-15 10:00 UTC, jan"):
        assert text in page

    # 4. A hundred decisions of January land late: 1.60 and 0.14 on a memo; the invoice stays as it
    # is, and February's close issues the memo.
    acme.land("20260302T000000", used("late", "01-20", 100), used("mar", "03-01", 700))
    acme.build()
    assert acme.versions(JANUARY) == [(1, "US-000001", "sent", *january)]
    late = amounts("1.60", "0.14")
    assert acme.memos() == [(None, "debit_memo", "late", "draft", *late)]
    closed = billing.close(acme.books(), FEBRUARY, "acme-robotics", by("d-close"))
    assert (closed.lock_count, closed.document_numbers) == (1, ("US-M-000001",))
    acme.build(CHECKED)
    assert acme.memos() == [("US-M-000001", "debit_memo", "late", "issued", *late)]
    assert acme.receivable(JANUARY) == amounts("4140.73", "1.74", "0", "4142.47")

    # 5. February is issued: twelve months of 2025 are locked beside it and stay drafts.
    found = billing.locked_drafts(acme.books(), FEBRUARY, "acme-robotics")
    assert len(found) == 13
    billing.issue(acme.books(), [acme.invoice_id(FEBRUARY)], by("d-issue"))
    acme.build()
    assert acme.versions(FEBRUARY) == [(1, "US-000002", "issued", *amounts("3801.60", "337.39"))]

    # 6. The price of February was wrong, and a decision allows the right one: the difference of
    # 1.60 is drafted, and a rebill takes the old version back in its stead.
    acme.seeds = doubled_from_february(warehouse, tmp_path / "catalogue")
    price = decision("d-price", "pricing.change", "price_plan", subject_id=FIXED)
    acme.land("20260305T000000", price, folder="policy_decisions")
    acme.build()
    assert acme.memos()[1:] == [(None, "debit_memo", "late", "draft", *late)]
    rebilled = billing.rebill(acme.books(), acme.invoice_id(FEBRUARY), by("d-fix"))
    assert rebilled.document_numbers == ("US-M-000002", "US-000003")
    acme.build()
    assert acme.versions(FEBRUARY) == [
        (1, "US-000002", "paid", *amounts("3801.60", "337.39")),
        (2, "US-000003", "issued", *amounts("3803.20", "337.53")),
    ]
    reversal = amounts("-3801.60", "-337.39")
    assert acme.memos()[1:] == [("US-M-000002", "credit_memo", "rebill", "issued", *reversal)]
    assert acme.receivable(FEBRUARY) == amounts("8279.72", "-4138.99", "0", "4140.73")

    # 7. A part of February is paid, and more than January; the same words are the same payment.
    books = acme.books()
    for month, amount in ((FEBRUARY, "1000"), (JANUARY, "5000"), (JANUARY, "5000")):
        payload = {"amount": amount, "reference": f"received {amount}"}
        invoice_id = acme.invoice_id(month)
        billing.record(books, "record_payment", invoice_id, payload, by("d-pay"))
    acme.build()
    assert acme.receivable(FEBRUARY) == amounts("8279.72", "-4138.99", "1000", "3140.73")
    assert acme.versions(FEBRUARY)[1][2] == "partially_paid"
    assert acme.receivable(JANUARY) == amounts("4140.73", "1.74", "4142.47", "0")
    assert acme.versions(JANUARY)[0][2] == "paid"
    unapplied = "select payment_id, unapplied_amount from fct_payments where unapplied_amount > 0"
    ((payment_id, amount),) = acme.query(unapplied)
    assert amount == Decimal("857.53")

    # 8. What was paid too much is paid back.
    refund = {"amount": "857.53", "reference": "sent back"}
    books = acme.books()
    billing.refund(books, payment_id, refund, by("d-back"))

    # 9. A goodwill credit of 100 is spread over the lines of February, with its tax.
    credited = billing.credit(
        books, {acme.invoice_id(FEBRUARY): Credit(Decimal(100), "goodwill")}, by("d-memo")
    )
    assert credited.document_numbers == ("US-M-000003",)
    acme.land("20260402T000000", used("apr", "04-01", 1))
    acme.build()
    assert acme.query(unapplied) == []
    goodwill = amounts("-100.00", "-8.88")
    assert acme.memos()[2:] == [("US-M-000003", "credit_memo", "agreed", "issued", *goodwill)]
    assert acme.receivable(FEBRUARY)[3] == Decimal("3031.85")

    # 10. March is issued by its contract, though no close locked it: the command dies after its
    # act and its lock, and takes both when it is run again. Then it is voided.
    (march,) = billing.drafts_of(acme.books(), "ct-acme-robotics", MARCH)
    acme.issue_and_die(march, monkeypatch)
    issued = billing.issue(acme.books(), [march], by("d-issue"))
    assert (issued.document_numbers, issued.lock_count) == (("US-000004",), 0)
    acme.build()
    assert acme.query(f"select count(*) from fct_actions where subject_id = '{march}'") == [(1,)]
    assert acme.versions(MARCH) == [(1, "US-000004", "issued", *amounts("3806.40", "337.82"))]
    billing.record(acme.books(), "void_invoice", march, {}, by("d-fix"))

    # 11. It is issued again from what is rated by then: 100 more, so that 300 at 0.032 are 9.60.
    acme.land("20260403T000000", used("late2", "03-20", 100))
    acme.build()
    assert acme.versions(MARCH) == [
        (1, "US-000004", "void", *amounts("3806.40", "337.82")),
        (2, None, "draft", *amounts("3809.60", "338.10")),
    ]
    books = acme.books()
    billing.issue(books, [march], by("d-issue"))

    # 12. Two have to agree to give up more than 1,000 USD.
    with pytest.raises(MeterhouseError, match="second_approver_missing"):
        billing.record(
            books, "write_off", acme.invoice_id(FEBRUARY), {}, by("d-lost", "cfo@summit")
        )
    acme.build(CHECKED)
    assert acme.versions(MARCH)[1][:3] == (2, "US-000005", "issued")
    assert acme.receivable(MARCH) == amounts("4147.70", "0", "0", "4147.70")
    assert acme.receivable(FEBRUARY)[3] == Decimal("3031.85")
    # Invoiced is what was asked for in a month and stands: the void of 3,806.40 was not; January's
    # 3,803.20, then 1.60 + 3,801.60 - 3,801.60 + 3,803.20 - 100, then 3,809.60.
    assert acme.query(
        "select period_month, revenue_usd from rpt_tenant_pnl"
        " where revenue_basis = 'invoiced' and tenant_id = 'acme-robotics' order by period_month"
    ) == list(
        zip(
            (FEBRUARY, MARCH, date(2026, 4, 1)),
            amounts("3803.20", "3704.80", "3809.60"),
            strict=True,
        )
    )

    # In the books: 6,000 came in and 857.53 went back; open are February and March; taxes are owed
    # of 337.53, 0.14, 337.53, less 8.88, and 338.10. The version that was replaced and the void
    # have come to nothing.
    assert acme.query(
        "select account_id, closing_amount from rpt_trial_balance"
        " where balance_month = '2026-04-01' and currency_code = 'USD' and account_id in"
        " ('cash', 'accounts-receivable', 'unapplied-cash', 'tax-payable') order by account_id"
    ) == list(
        zip(
            ("accounts-receivable", "cash", "tax-payable", "unapplied-cash"),
            amounts("7179.55", "5142.47", "-1004.42", "0"),
            strict=True,
        )
    )

    # 13. All of it goes to Stripe, whose connection breaks after one request and which answers 500
    # to another, and the push dies before it writes down an answer; run again, each is there once.
    with serve() as account:
        account.faults = [Fault("drop_done", "/v1/invoiceitems"), Fault("500", "/v1/credit_notes")]
        outbox = tmp_path / "outbox.sqlite"
        with monkeypatch.context() as patch, pytest.raises(KilledError):
            patch.setattr(Outbox, "mark_delivered", Mock(side_effect=KilledError))
            acme.push(account, outbox)
        assert acme.push(account, outbox) > 0
        assert acme.push(account, outbox) == 0
        assert {thing["number"]: thing["total"] for thing in account.all("invoice")} == {
            "US-000001": 414073,
            "US-M-000001": 174,
            "US-000002": 413899,
            "US-000003": 414073,
            "US-000004": 414422,
            "US-000005": 414770,
        }
        assert [thing["total"] for thing in account.all("credit_note")] == [413899, 10888]
        assert set(account.executed.values()) == {1}, "nothing was done twice"

    # 14. The first invoice, sent again after all of it, is what it was, down to the byte; a draft
    # and a memo can be looked at, and leave no act.
    acme.build()
    assert acme.send(acme.books(), JANUARY, out).action_id == sent.action_id
    assert written.items() <= {path.name: path.read_bytes() for path in out.iterdir()}.items()
    acts = "select count(*) from fct_actions"
    before = acme.query(acts)
    (memo, _) = sending.render(acme.books(), Wanted("US-M-000003"), out).paths
    assert "-$108.88" in memo.read_text() and "US-000003" in memo.read_text()
    (void, _) = sending.render(acme.books(), Wanted("US-000004"), out).paths
    assert "VOID" in void.read_text()
    # What was rated for the first version of February is priced anew, so no annex explains it now.
    with pytest.raises(MeterhouseError, match="the usage annex would not explain"):
        sending.render(acme.books(), Wanted("US-000002"), out)
    (replaced, _) = sending.render(acme.books(), Wanted("US-000002", has_annex=False), out).paths
    assert "$4,138.99" in replaced.read_text() and "Usage annex" not in replaced.read_text()
    drafted = acme.query("select min(invoice_id) from fct_invoices where status = 'draft'")[0][0]
    (draft, _) = sending.render(acme.books(), Wanted(drafted), out).paths
    assert draft.name == f"DRAFT-{drafted}.html" and "not to be paid" in draft.read_text()
    with pytest.raises(MeterhouseError, match="no document has this name"):
        sending.render(acme.books(), Wanted("nothing"), out)
    with pytest.raises(MeterhouseError, match="it is void"):
        sending.send(acme.books(), Wanted("US-000004"), out, by("d-issue"))
    assert acme.query(acts) == before

    # 15. Nothing that was landed changed, and a new database has the same rows.
    assert first.items() <= acme.landed().items()
    assert acme.query("select * from exc_lock_mismatches") == []
    anew = Warehouse(tmp_path / "anew", landing=warehouse.settings.landing)
    anew.build(acme.seeds, replace(CHECKED, is_checked=False))
    assert anew.digests() == warehouse.digests()
