"""Chargebee's imports add up to what was issued."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import given

from python_ext import export_chargebee
from python_ext.export_chargebee import total_of
from python_ext.issued_documents import Document, parse
from tests.python.documents import bodies, document, late_memo, line, memo

VOIDED = datetime(2026, 6, 1, tzinfo=UTC)


def payload(*documents: Document, **voided: datetime) -> dict[str, Any]:
    made, problems = export_chargebee.imports(documents, voided)
    assert problems == ()
    return made[-1].payload


def reasons(*documents: Document, **voided: datetime) -> dict[str, str]:
    problems = export_chargebee.imports(documents, voided)[1]
    return {problem.document_id: problem.reason for problem in problems}


def test_an_invoice_is_imported_with_its_lines_and_taxes() -> None:
    made = payload(document(taxes={"0.19": "0.61"}))
    assert made["id"] == "EU-d1"
    assert (made["customer_id"], made["currency_code"], made["total"]) == ("borealis", "EUR", 381)
    assert (made["status"], made["due_date"]) == ("payment_due", 1777680000)
    assert made["taxes"] == [{"name": "USt", "rate": "19", "amount": 61}]
    assert made["line_items"] == [
        {
            "id": "d1-l1",
            "date_from": 1772323200,
            "date_to": 1775001600,
            "description": "Policy decisions",
            "entity_type": "adhoc",
            "unit_amount": 320,
            "quantity": 1,
            "amount": 320,
            "tax1_name": "USt",
            "tax1_amount": 61,
        }
    ]


def test_whole_quantities_and_prices_are_told() -> None:
    made = payload(document(lines=[line(1, "7.00", quantity="700", unit_price="0.01")]))
    assert made["line_items"][0]["unit_amount"] == 1
    assert made["line_items"][0]["quantity"] == 700


def test_discounts_and_lines_below_zero_are_discounts() -> None:
    made = payload(document(lines=[line(1, "10.00"), line(2, "-1.00")], discount="2.50"))
    assert [each["amount"] for each in made["discounts"]] == [100, 250]
    assert [each["amount"] for each in made["line_items"]] == [1000]
    assert made["total"] == 650


def test_tax_is_spread_over_the_lines_that_are_left() -> None:
    lines = [line(1, "1.00"), line(2, "2.00"), line(3, "-1.00")]
    made = payload(document(lines=lines, taxes={"0.19": "0.38", "0.07": "0.14"}))
    assert [each["tax1_amount"] for each in made["line_items"]] == [13, 25]
    assert [each["name"] for each in made["taxes"]] == ["USt 19% (1)", "USt 7% (2)"]


def test_a_voided_invoice_says_when() -> None:
    made = payload(document(), d1=VOIDED)
    assert (made["status"], made["voided_at"]) == ("voided", 1780272000)


def test_applied_credit_is_a_payment() -> None:
    made = payload(document(credits_applied_amount="1.20"))
    assert [each["amount"] for each in made["payments"]] == [120]


def test_a_credit_memo_is_a_credit_note_on_its_invoice() -> None:
    memos = [memo("m1", "i-d1", ["-1.00", "0.20"]), document("d1")]
    made, _ = export_chargebee.imports(memos)
    assert [each.path for each in made] == [
        "/invoices/import_invoice",
        "/credit_notes/import_credit_note",
    ]
    note = made[1].payload
    assert (note["reference_invoice_id"], note["total"]) == ("EU-d1", 80)
    assert [each["amount"] for each in note["line_items"]] == [100]
    assert [each["amount"] for each in note["discounts"]] == [20]


def test_a_memo_for_several_invoices_is_a_credit_note_on_each() -> None:
    memos = late_memo("m1", {"i-d1": "-1.00", "i-d2": "-2.00"})
    made, _ = export_chargebee.imports([document("d1"), document("d2"), memos])
    notes = [each.payload for each in made[2:]]
    assert [(each["id"], each["reference_invoice_id"], each["total"]) for each in notes] == [
        ("EU-m1-1", "EU-d1", 110),
        ("EU-m1-2", "EU-d2", 220),
    ]


def test_what_chargebee_cannot_hold_is_listed() -> None:
    assert "below zero" in reasons(document(lines=[line(1, "-1.00")]))["d1"]
    assert "tax below zero" in reasons(document(taxes={"0.19": "-0.01"}))["d1"]
    assert "at most 50" in reasons(document(document_number="n" * 51))["d1"]
    assert "not exported" in reasons(memo("m1", "gone", ["-1.00"]))["m1"]
    both = (document("d1"), memo("m1", "i-d1", ["-1.00"]))
    mixed = late_memo("m1", {"i-d1": "-2.00", "i-d2": "1.00"})
    assert "charges another" in reasons(document("d1"), document("d2"), mixed)["m1"]
    assert "was voided" in reasons(*both, m1=VOIDED)["m1"]


def test_internal_documents_are_never_exported() -> None:
    assert export_chargebee.imports([document(is_internal=True)]) == ((), ())


def test_above_250_lines_they_are_rolled_up() -> None:
    made = payload(document(lines=[line(n, "0.01") for n in range(1000)]))
    assert [each["amount"] for each in made["line_items"]] == [1000]


@given(bodies(max_lines=12))
def test_an_import_adds_up_to_what_was_issued(made: dict[str, Any]) -> None:
    each = parse(made, "test")
    imports, problems = export_chargebee.imports([each])
    assert len(imports) + len(problems) == 1
    for found in imports:
        expected = int(each.total_amount.scaleb(each.minor_unit))
        assert total_of(found.payload) == found.payload["total"] == expected
        for number, tax in enumerate(found.payload["taxes"], 1):
            parts = [part[f"tax{number}_amount"] for part in found.payload["line_items"]]
            assert sum(parts) == tax["amount"]
            assert min(parts) >= 0
        for part in [*found.payload["line_items"], *found.payload["discounts"]]:
            assert part["amount"] >= 0
    if problems:
        assert each.total_amount < 0 or min(tax.amount for tax in each.taxes) < 0
