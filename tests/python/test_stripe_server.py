"""The test server keeps Stripe's rules: what an export got wrong would be refused."""

from collections.abc import Iterator
from typing import Any

import pytest
import stripe

from tests.python.stripe_server import Stripe, serve

PERIOD = {"start": 1, "end": 2}


@pytest.fixture
def account() -> Iterator[Stripe]:
    with serve() as served:
        yield served


def post(account: Stripe, path: str, **params: Any) -> Any:
    """One call with the real client."""
    client = stripe.StripeClient("sk_test_1", base_addresses={"api": account.address})
    return client.raw_request("post", path, **params).data


def draft(account: Stripe, number: str = "n1", currency: str = "eur") -> dict[str, Any]:
    """The parameters of an item on a new draft."""
    customer = post(account, "/v1/customers", name="A")["id"]
    invoice = post(
        account,
        "/v1/invoices",
        customer=customer,
        currency=currency,
        number=number,
        collection_method="send_invoice",
        days_until_due=30,
    )
    scope = {"customer": customer, "invoice": invoice["id"], "currency": currency}
    return scope | {"period": PERIOD}


def open_invoice(account: Stripe, amount: int = 100) -> str:
    item = draft(account)
    post(account, "/v1/invoiceitems", amount=amount, **item)
    post(account, f"/v1/invoices/{item['invoice']}/finalize")
    return str(item["invoice"])


def credit(amount: int) -> list[dict[str, Any]]:
    return [{"type": "custom_line_item", "description": "x", "quantity": 1, "unit_amount": amount}]


def test_a_key_gives_the_same_answer_again(account: Stripe) -> None:
    first = post(account, "/v1/customers", name="A", idempotency_key="k")
    assert post(account, "/v1/customers", name="A", idempotency_key="k") == first
    assert len(account.all("customer")) == 1


def test_a_key_with_another_body_is_refused(account: Stripe) -> None:
    post(account, "/v1/customers", name="A", idempotency_key="k")
    with pytest.raises(stripe.IdempotencyError):
        post(account, "/v1/customers", name="B", idempotency_key="k")


@pytest.mark.parametrize(
    ("currency", "price"),
    [
        ("eur", {"amount": "1.5"}),
        ("kwd", {"amount": 5124}),
        ("jpy", {"unit_amount_decimal": "1.1234567890123", "quantity": 1}),
        ("eur", {"amount": 100, "quantity": 2}),
        ("eur", {"unit_amount_decimal": "100", "quantity": -1}),
        ("eur", {"unit_amount_decimal": "100", "quantity": "1.5"}),
    ],
)
def test_amounts_that_are_none_are_refused(
    account: Stripe, currency: str, price: dict[str, Any]
) -> None:
    item = draft(account, currency=currency)
    with pytest.raises(stripe.InvalidRequestError):
        post(account, "/v1/invoiceitems", **item | price)


def test_quantity_and_price_make_the_amount(account: Stripe) -> None:
    item = draft(account) | {"unit_amount_decimal": "0.4"}
    whole = post(account, "/v1/invoiceitems", quantity=700, **item)
    part = post(account, "/v1/invoiceitems", quantity_decimal="2.5", **item)
    assert [whole["amount"], part["amount"]] == [280, 1]


def test_the_251st_item_is_refused(account: Stripe) -> None:
    item = draft(account)
    for _ in range(250):
        post(account, "/v1/invoiceitems", amount=1, **item)
    with pytest.raises(stripe.InvalidRequestError, match="250 items"):
        post(account, "/v1/invoiceitems", amount=1, **item)


def test_a_final_invoice_takes_no_item_and_is_final_once(account: Stripe) -> None:
    invoice = open_invoice(account)
    item = {"invoice": invoice, "currency": "eur", "period": PERIOD}
    with pytest.raises(stripe.InvalidRequestError, match="not a draft"):
        post(account, "/v1/invoiceitems", amount=1, **item)
    with pytest.raises(stripe.InvalidRequestError, match="already finalized"):
        post(account, f"/v1/invoices/{invoice}/finalize")


def test_an_empty_invoice_is_not_finalised(account: Stripe) -> None:
    item = draft(account)
    with pytest.raises(stripe.InvalidRequestError, match="Nothing to invoice"):
        post(account, f"/v1/invoices/{item['invoice']}/finalize")


def test_only_open_invoices_are_voided(account: Stripe) -> None:
    item = draft(account, "n2")
    with pytest.raises(stripe.InvalidRequestError, match="draft"):
        post(account, f"/v1/invoices/{item['invoice']}/void")
    invoice = open_invoice(account)
    assert post(account, f"/v1/invoices/{invoice}/void")["status"] == "void"
    with pytest.raises(stripe.InvalidRequestError, match="void"):
        post(account, f"/v1/invoices/{invoice}/void")


def test_credit_notes_need_an_invoice_that_is_open_and_large_enough(account: Stripe) -> None:
    item = draft(account, "n2")
    with pytest.raises(stripe.InvalidRequestError, match="open or paid"):
        post(account, "/v1/credit_notes", invoice=item["invoice"], lines=credit(1))
    invoice = open_invoice(account)
    post(account, "/v1/credit_notes", invoice=invoice, lines=credit(60))
    with pytest.raises(stripe.InvalidRequestError, match="larger than the invoice"):
        post(account, "/v1/credit_notes", invoice=invoice, lines=credit(41))
    with pytest.raises(stripe.InvalidRequestError, match="greater than 0"):
        post(account, "/v1/credit_notes", invoice=invoice, lines=credit(-1))
    with pytest.raises(stripe.InvalidRequestError, match="with credit notes"):
        post(account, f"/v1/invoices/{invoice}/void")


def test_balance_is_used_up_by_the_next_invoice(account: Stripe) -> None:
    item = draft(account)
    path = f"/v1/customers/{item['customer']}/balance_transactions"
    post(account, path, amount=-30, currency="eur", metadata={"a": "b"})
    post(account, "/v1/invoiceitems", amount=100, **item)
    final = post(account, f"/v1/invoices/{item['invoice']}/finalize")
    assert (final["total"], final["amount_remaining"]) == (100, 70)


@pytest.mark.parametrize(
    "metadata",
    [{"k": "v" * 501}, {"k" * 41: "v"}, {f"k{number}": "v" for number in range(51)}],
)
def test_metadata_has_limits(account: Stripe, metadata: dict[str, str]) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="Metadata"):
        post(account, "/v1/customers", metadata=metadata)


def test_numbers_are_unique(account: Stripe) -> None:
    draft(account)
    with pytest.raises(stripe.InvalidRequestError, match="already exists"):
        draft(account)
