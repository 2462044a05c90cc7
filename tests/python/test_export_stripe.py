"""Documents become requests that add up to what was issued."""

from collections import Counter, defaultdict
from datetime import UTC, datetime
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from python_ext import export_stripe, stripe_amounts
from python_ext.export_items import items_of
from python_ext.export_stripe import Plan, Request
from python_ext.issued_documents import parse
from python_ext.stripe_amounts import NotRepresentable, minor_units
from tests.python.documents import bodies, body, document, late_memo, line, memo

VOIDED = datetime(2026, 6, 1, tzinfo=UTC)


def of_kind(plan: Plan, kind: str) -> list[Request]:
    return [request for request in plan.requests if request.kind == kind]


def totals(plan: Plan) -> dict[str, Decimal]:
    """What Stripe makes of the items of each invoice, by its request."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for request in of_kind(plan, "item"):
        params: Any = request.params
        if "amount" in params:
            sums[params["invoice"]] += params["amount"]
        else:
            quantity = Decimal(params.get("quantity") or params["quantity_decimal"])
            sums[params["invoice"]] += quantity * Decimal(params["unit_amount_decimal"])
    return sums


def test_an_invoice_is_a_draft_its_items_and_its_finalisation() -> None:
    plan = export_stripe.plan([document(taxes={"0.19": "0.61"})])
    assert [request.kind for request in plan.requests] == [
        *("customer", "invoice", "item", "item", "finalise")
    ]
    customer, invoice, usage, tax, finalise = plan.requests
    assert customer.params["metadata"]["tenant_id"] == "borealis"
    assert invoice.params["number"] == "EU-d1"
    assert invoice.params["metadata"]["document_id"] == "d1"
    assert usage.params["amount"] == 320
    assert usage.params["period"] == {"start": 1772323200, "end": 1775001599}
    assert usage.params["metadata"] == {
        "document_id": "d1",
        "document_line_id": "d1-l1",
        "line_type": "usage",
        "pack_id": "companyos_core",
        "charge_id": "c1",
        "plan_line_id": "saas@1/decisions",
        "rated_usage_id": "ru1",
        "receipt_id": "r1",
        "quantity": "700",
        "unit": "decision",
        export_stripe.KEY_NAME: usage.key,
    }
    assert (tax.params["description"], tax.params["amount"]) == ("USt 19%", 61)
    assert finalise.total == 381


@pytest.mark.parametrize(
    ("quantity", "unit_price", "amount", "expected"),
    [
        ("700", "0.004", "2.80", {"unit_amount_decimal": "0.4", "quantity": 700}),
        ("2.5", "1.2", "3.00", {"unit_amount_decimal": "120", "quantity_decimal": "2.5"}),
        ("700", "0.0046", "3.20", {"amount": 320}),  # 3.22: tiers or rounding
        ("700", None, "3.20", {"amount": 320}),
        ("0", "1", "0.00", {"amount": 0}),
        ("-2", "1", "-2.00", {"amount": -200}),  # Stripe takes no quantity below zero
        ("2", "-1", "-2.00", {"unit_amount_decimal": "-100", "quantity": 2}),
    ],
)
def test_quantity_and_price_are_sent_where_they_make_the_amount(
    quantity: str, unit_price: str | None, amount: str, expected: dict[str, Any]
) -> None:
    made = line(1, amount, quantity=quantity, unit_price=unit_price)
    (item,) = of_kind(export_stripe.plan([document(lines=[made])]), "item")
    names = ("amount", "quantity", "quantity_decimal", "unit_amount_decimal")
    assert {name: item.params[name] for name in names if name in item.params} == expected


def test_a_price_with_more_than_twelve_decimals_goes_as_an_amount() -> None:
    made = line(1, "1.00", quantity="1e15", unit_price="0.000000000000001")
    (item,) = of_kind(export_stripe.plan([document(lines=[made])]), "item")
    assert item.params["amount"] == 100


@pytest.mark.parametrize(
    ("amount", "currency", "units"),
    [
        ("3.20", "EUR", 320),
        ("500", "JPY", 500),
        ("5.120", "KWD", 5120),
        ("-5.12", "KWD", -5120),
        ("7", "ISK", 700),
        ("12345678901234567890.12", "USD", 1234567890123456789012),
    ],
)
def test_amounts_are_whole_minor_units(amount: str, currency: str, units: int) -> None:
    assert minor_units(Decimal(amount), currency) == units


@pytest.mark.parametrize(
    ("amount", "currency", "reason"),
    [
        ("3.205", "EUR", "no whole number"),
        ("0.5", "JPY", "no whole number"),
        ("5.124", "KWD", "last digit of 0"),
        ("7.50", "ISK", "without decimals"),
    ],
)
def test_what_stripe_cannot_take_is_said_and_not_rounded(
    amount: str, currency: str, reason: str
) -> None:
    with pytest.raises(NotRepresentable, match=reason):
        stripe_amounts.minor_units(Decimal(amount), currency)


def test_a_document_that_stripe_cannot_hold_is_listed_and_the_others_go() -> None:
    kuwait = document("kw", [line(1, "5.124", "kw")], currency_code="KWD", minor_unit=3)
    plan = export_stripe.plan([kuwait, document("d1")])
    assert [(each.document_id, "last digit of 0" in each.reason) for each in plan.problems] == [
        ("kw", True)
    ]
    assert [request.request_id for request in of_kind(plan, "invoice")] == ["invoice:d1"]


def test_internal_documents_are_never_exported() -> None:
    plan = export_stripe.plan([document(is_internal=True)])
    assert plan == Plan((), ())


def test_a_discount_is_an_item_below_zero() -> None:
    plan = export_stripe.plan([document(lines=[line(1, "10.00")], discount="2.50")])
    discount = of_kind(plan, "item")[1]
    assert discount.params["amount"] == -250
    assert discount.params["metadata"]["coupon_ids"] == "SPRING"


def test_an_invoice_without_lines_has_an_item_of_zero() -> None:
    (item,) = of_kind(export_stripe.plan([document(lines=[])]), "item")
    assert (item.params["description"], item.params["amount"]) == ("No charges", 0)


def test_applied_credit_is_given_to_the_customer_before_the_invoice_is_final() -> None:
    plan = export_stripe.plan([document(credits_applied_amount="1.20")])
    assert [request.kind for request in plan.requests][-2:] == ["balance", "finalise"]
    assert of_kind(plan, "balance")[0].params["amount"] == -120


def test_a_credit_memo_is_a_credit_note_of_its_lines() -> None:
    plan = export_stripe.plan([memo("m1", "i-d1", ["-1.00", "-0.20"]), document("d1")])
    note = plan.requests[-1]
    assert note.kind == "note"
    assert note.params["invoice"] == "{invoice:d1}"
    assert [each["unit_amount"] for each in note.params["lines"]] == [100, 20]
    assert note.total == 120


def test_a_credit_memo_that_also_adds_is_one_line_of_its_sum() -> None:
    plan = export_stripe.plan([memo("m1", "i-d1", ["-1.00", "0.20"]), document("d1")])
    assert [each["unit_amount"] for each in plan.requests[-1].params["lines"]] == [80]


def test_a_debit_memo_is_an_invoice() -> None:
    made = document("m1", document_kind="debit_memo", invoice_id="i-d1")
    plan = export_stripe.plan([made, document("d1")])
    assert [request.params["number"] for request in of_kind(plan, "invoice")] == ["EU-d1", "EU-m1"]


@pytest.mark.parametrize(
    ("amounts", "invoice_id", "reason"),
    [
        (["-3.21"], "i-d1", "above the total"),
        (["-1.00"], "elsewhere", "not exported"),
        (["0.00"], "i-d1", "credits nothing"),
    ],
)
def test_a_credit_memo_that_stripe_cannot_hold_is_listed(
    amounts: list[str], invoice_id: str, reason: str
) -> None:
    plan = export_stripe.plan([memo("m1", invoice_id, amounts), document("d1")])
    assert [(each.document_id, reason in each.reason) for each in plan.problems] == [("m1", True)]
    assert of_kind(plan, "note") == []


def test_credit_memos_of_an_invoice_are_added_up() -> None:
    memos = [memo(f"m{n}", "i-d1", ["-2.00"]) for n in (1, 2)]
    plan = export_stripe.plan([*memos, document("d1")])
    assert [each.document_id for each in plan.problems] == ["m2"]


def test_a_void_comes_last_and_takes_given_credit_back() -> None:
    documents = [
        document("d1", credits_applied_amount="1.20"),
        memo("m1", "i-d1", ["-1.00"]),
        document("d2", issued_at="2026-07-01T00:00:00Z"),
    ]
    plan = export_stripe.plan(documents, {"d1": VOIDED, "m1": VOIDED})
    assert [request.kind for request in plan.requests][-3:] == ["void_note", "void", "take_back"]
    assert plan.requests[-1].params["amount"] == 120


def test_what_was_free_cannot_be_voided_and_is_listed() -> None:
    plan = export_stripe.plan([document(lines=[])], {"d1": VOIDED})
    assert of_kind(plan, "void") == []
    assert [each.reason for each in plan.problems] == [
        "Stripe voids no invoice on which nothing was due; it stays as it is there"
    ]


def test_a_memo_after_the_void_is_listed() -> None:
    after = memo("m1", "i-d1", ["-1.00"], issued_at="2026-07-01T00:00:00Z")
    plan = export_stripe.plan([document("d1"), after], {"d1": VOIDED})
    assert "was voided before" in plan.problems[0].reason


def test_a_memo_for_several_invoices_is_a_note_on_each() -> None:
    documents = [
        document("d1"),
        document("d2"),
        late_memo("m1", {"i-d1": "-1.00", "i-d2": "-2.00"}),
    ]
    plan = export_stripe.plan(documents)
    notes = of_kind(plan, "note")
    assert [(each.params["invoice"], each.total) for each in notes] == [
        ("{invoice:d1}", 110),
        ("{invoice:d2}", 220),
    ]
    assert plan.problems == ()
    voided = export_stripe.plan(documents, {"d2": VOIDED})
    assert [request.request_id for request in voided.requests][-2:] == [
        "void_note:m1:d2",
        "void:d2",
    ]


def test_a_memo_goes_whole_or_not_at_all() -> None:
    invoices = [document("d1"), document("d2")]
    mixed = late_memo("m1", {"i-d1": "-2.00", "i-d2": "1.00"})
    large = late_memo("m2", {"i-d1": "-2.00", "i-d2": "-9.00"})
    fits = late_memo("m3", {"i-d1": "-2.00"})
    plan = export_stripe.plan([*invoices, mixed, large, fits])
    assert {each.document_id: each.reason for each in plan.problems} == {
        "m1": "it credits one invoice and charges another",
        "m2": "Stripe takes no credit notes above the total of their invoice",
    }
    assert [request.request_id for request in of_kind(plan, "note")] == ["note:m3:d1"]


def test_a_memo_names_the_version_that_it_corrects() -> None:
    first = document("d1", invoice_id="i", version=1)
    second = document("d2", invoice_id="i", version=2)
    plan = export_stripe.plan([first, second, late_memo("m1", {"i": "-1.00"})])
    assert [each.params["invoice"] for each in of_kind(plan, "note")] == ["{invoice:d1}"]


def test_memos_fall_with_their_invoice() -> None:
    debit = document("m2", document_kind="debit_memo", invoice_id="i-d1")
    documents = [document("d1"), memo("m1", "i-d1", ["-1.00"]), debit]
    plan = export_stripe.plan(documents, {"d1": VOIDED})
    assert [request.request_id for request in plan.requests][-3:] == [
        *("void_note:m1:d1", "void:d1", "void:m2")
    ]


def test_a_range_keeps_the_customers_and_invoices_it_needs() -> None:
    plan = export_stripe.plan([document("d1"), memo("m1", "i-d1", ["-1.00"])], only={"m1"})
    assert [request.request_id for request in plan.requests] == [
        "customer:borealis",
        "note:m1:d1",
    ]


def test_250_items_go_as_they_are_and_above_they_are_rolled_up() -> None:
    made = [line(n, "0.01", pack_id=f"p{n % 3}") for n in range(1, 250)]
    full = of_kind(export_stripe.plan([document(lines=made, taxes={"0.19": "0.47"})]), "item")
    assert len(full) == 250
    made.append(line(250, "0.01", pack_id="p4"))
    plan = export_stripe.plan([document(lines=made, taxes={"0.19": "0.47"})])
    rolled = of_kind(plan, "item")
    assert [each.params["description"] for each in rolled] == [
        "p0, usage (83 lines)",
        "p1, usage (83 lines)",
        "p2, usage (83 lines)",
        "Policy decisions",  # a group of one stays what it was
        "USt 19%",
    ]
    assert totals(plan) == {"{invoice:d1}": 297}
    links = rolled[0].params["metadata"]
    kept = ",".join(links[name] for name in sorted(links) if "_ids_" in name).split(",")
    assert sorted(kept) == sorted(f"d1-l{n}" for n in range(3, 250, 3))


def test_roll_up_gets_coarser_until_it_fits() -> None:
    made = [line(n, "0.01", pack_id=f"p{n}") for n in range(1000)]
    (item,) = items_of(document(lines=made), 250)
    assert item.description == "usage (1,000 lines)"
    made = [line(n, "0.01", line_type=f"t{n}") for n in range(1000)]
    (item,) = items_of(document(lines=made), 250)
    assert item.description == "all charges (1,000 lines)"


def test_ids_that_do_not_fit_the_metadata_are_a_digest() -> None:
    made = [line(n, "0.01", document_line_id=f"{n:064}") for n in range(1000)]
    (item,) = of_kind(export_stripe.plan([document(lines=made)]), "item")
    links = item.params["metadata"]
    assert not any("_ids_" in name for name in links)
    assert len(links["lines_digest"]) == len(links["receipts_digest"]) == 64


def test_metadata_that_is_too_long_is_listed() -> None:
    plan = export_stripe.plan([document(lines=[line(1, "1.00", charge_id="c" * 501)])])
    assert "charge_id" in plan.problems[0].reason


def test_keys_tell_contents_apart_and_are_the_same_each_time() -> None:
    first = {each.request_id: each.key for each in export_stripe.plan([document()]).requests}
    again = {each.request_id: each.key for each in export_stripe.plan([document()]).requests}
    other = {
        each.request_id: each.key
        for each in export_stripe.plan([document(lines=[line(1, "3.21")])]).requests
    }
    assert first == again
    assert len(set(first.values())) == len(first)
    assert first["item:d1:d1-l1"] != other["item:d1:d1-l1"]
    assert all(len(key) == 64 for key in first.values())


def test_the_order_of_documents_does_not_matter() -> None:
    documents = [
        document("d1"),
        document("d2"),
        memo("m1", "i-d1", ["-1.00"]),
        memo("m2", "i-d1", ["-1.00"]),
        document("d3", document_kind="debit_memo"),
    ]
    expected = export_stripe.plan(documents, {"d2": VOIDED})
    for seed in range(10):
        Random(seed).shuffle(documents)
        assert export_stripe.plan(documents, {"d2": VOIDED}) == expected


def test_our_ids_become_stripes_only_where_they_are_references() -> None:
    plan = export_stripe.plan([document(lines=[line(1, "1.00", description="{invoice:d1}")])])
    item = of_kind(plan, "item")[0]
    _, params = export_stripe.resolve(item, {"invoice:d1": "in_1", "customer:borealis": "cus_1"})
    assert (params["invoice"], params["customer"]) == ("in_1", "cus_1")
    assert params["description"] == "{invoice:d1}"
    with pytest.raises(KeyError):
        export_stripe.resolve(item, {})


@given(st.lists(bodies(), max_size=4))
def test_items_add_up_to_what_was_issued(made: list[dict[str, Any]]) -> None:
    documents = [
        parse(each | {"document_id": f"d{n}", "document_number": f"n{n}"}, "test")
        for n, each in enumerate(made)
    ]
    plan = export_stripe.plan(documents)
    assert plan.problems == ()
    sums = totals(plan)
    for each in documents:
        expected = minor_units(each.total_amount, each.currency_code)
        assert sums[f"{{invoice:{each.document_id}}}"] == expected
    assert Counter(request.total for request in of_kind(plan, "finalise")) == Counter(
        minor_units(each.total_amount, each.currency_code) for each in documents
    )


@given(st.integers(0, 1000), st.integers(1, 40), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_any_number_of_lines_fits_and_adds_up(count: int, packs: int, currency: str) -> None:
    scale = {"EUR": 2, "JPY": 0, "KWD": 3}[currency]
    made = [
        line(n, f"{Decimal(n * 10 - 2000).scaleb(-scale):f}", pack_id=f"p{n % packs}")
        for n in range(count)
    ]
    values = {"currency_code": currency, "minor_unit": scale}
    each = parse(body(lines=made, taxes={"0.19": "10"}, **values), "test")
    items = items_of(each, export_stripe.MAX_ITEMS)
    assert len(items) <= 250
    assert sum(item.amount for item in items) == each.total_amount
    for request in of_kind(export_stripe.plan([each]), "item"):
        metadata = request.params["metadata"]
        assert len(metadata) <= 50
        assert all(len(name) <= 40 and len(value) <= 500 for name, value in metadata.items())
