"""Issued documents as requests to Stripe: customers, invoices with their items, credit notes.

Pure: the same documents give the same requests with the same keys, in whatever order they come.

- An invoice or debit memo (Stripe has none) is a draft invoice, its items, and its finalisation.
  A credit memo is a credit note on each invoice that it corrects. What was voided is voided last.
- Tax is an item, not Stripe's tax: a tax rate would be multiplied and rounded again at Stripe, and
  the tax amounts that an invoice line takes are bound to lines, to tax rate objects and to signs.
  An item has the amount that was issued, so the total is the document's to the last digit.
- An item has `quantity` and `unit_amount_decimal` only where their product is the amount exactly.
  Elsewhere (tiers, minimums, rounding) it has the amount, and the quantity is in its metadata.
- Prepaid credit that was applied is given to the customer's balance just before the finalisation,
  which uses it up; what a void gives back is taken out again, because what is set off is decided
  here. A negative total becomes balance of the customer: that is Stripe's own rule.
- `auto_advance` is off: Stripe neither collects nor mails. It does not take a due date that has
  passed, so it gets the days of the terms, and metadata has the date.
- What Stripe cannot hold is a `Problem` with its reason. Nothing is rounded.

A parameter named customer or invoice, and a part of a path, may hold `{request_id}`: the id that
Stripe gave to what that request made. Source: Stripe's API reference, version 2026-10-28.
"""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from python_ext import stripe_amounts
from python_ext.export_items import VALUE_LENGTH, Item, Problem, items_of
from python_ext.issued_documents import (
    Document,
    Invoices,
    corrections,
    in_order,
    invoices_in,
    with_memos_voided,
)
from python_ext.stripe_amounts import NotRepresentable

MAX_ITEMS = 250
MAX_KEYS = 50
KEY_NAME = "meterhouse_key"
"""The metadata that tells a thing of ours at Stripe; its value is the request's key."""

NEVER = datetime.max.replace(tzinfo=UTC)
REFERENCE = re.compile(r"\{([^{}]+)\}")

Params = dict[str, Any]


@dataclass(frozen=True)
class Request:
    """One POST to Stripe. `key` is the idempotency key: SHA-256 of our id, the path and `params`.

    It is in the metadata of what the request makes, too. `source` is the digest of the document it
    comes from, empty for a customer. `total`, in minor units: of `finalise` what the invoice must
    add up to before, of `note` what is credited.
    """

    request_id: str
    key: str
    path: str
    params: Params
    source: str
    total: int | None = None

    @property
    def kind(self) -> str:
        """The first part of the id, for example customer, invoice, item or finalise."""
        return self.request_id.partition(":")[0]


@dataclass(frozen=True)
class Plan:
    """Requests in the order in which they must be sent, and what is left out."""

    requests: tuple[Request, ...]
    problems: tuple[Problem, ...]


def plan(
    documents: Iterable[Document],
    voided_at: Mapping[str, datetime] | None = None,
    only: Collection[str] | None = None,
) -> Plan:
    """The requests that bring documents to Stripe. Internal documents are left out in silence.

    `documents` are all that count, because a memo refers to its invoice. `voided_at` has those
    that were voided, by document_id. `only`: of which documents to return requests; else all.
    """
    ordered = [document for document in in_order(documents) if not document.is_internal]
    voided_at = with_memos_voided(ordered, voided_at or {})
    invoices = invoices_in(ordered)
    by_document: dict[str, tuple[Request, ...]] = {}
    voids: dict[str, tuple[Request, ...]] = {}
    problems: list[Problem] = []
    noted: dict[str, int] = defaultdict(int)
    for document in ordered:
        name = document.document_id
        try:
            if document.kind == "credit_memo":
                parts = _notable(document, invoices, by_document, voided_at, noted)
                by_document[name] = tuple(_note(*part) for part in parts)
                voids[name] = tuple(
                    _void_note(document, invoice)
                    for _, invoice in parts
                    if name in voided_at or invoice.document_id in voided_at
                )
            else:
                by_document[name] = _invoice(document)
                voids[name] = _void(document) if name in voided_at else ()
        except NotRepresentable as error:
            problems.append(Problem(name, str(error)))
            continue
        if name in voided_at and not voids[name]:
            reason = "Stripe voids no invoice on which nothing was due; it stays as it is there"
            problems.append(Problem(name, reason))
    wanted = [
        document
        for document in ordered
        if document.document_id in by_document and (only is None or document.document_id in only)
    ]
    customers = {document.tenant_id: _customer(document) for document in reversed(wanted)}
    # Notes are voided first: their invoice goes last.
    to_void = sorted(wanted, key=lambda document: document.kind != "credit_memo")
    return Plan(
        (
            *(customers[tenant_id] for tenant_id in sorted(customers)),
            *(request for document in wanted for request in by_document[document.document_id]),
            *(request for document in to_void for request in voids[document.document_id]),
        ),
        tuple(problem for problem in problems if only is None or problem.document_id in only),
    )


def resolve(request: Request, remote_ids: Mapping[str, str]) -> tuple[str, Params]:
    """Path and parameters with Stripe's ids in place of ours. Raises KeyError for one unknown."""

    def known(text: str) -> str:
        return REFERENCE.sub(lambda match: remote_ids[match[1]], text)

    params = {
        name: known(value) if name in ("customer", "invoice") else value
        for name, value in request.params.items()
    }
    return known(request.path), params


def _customer(document: Document) -> Request:
    """A customer, named as in the first document that is sent; the outbox keeps that one."""
    params: Params = {
        "name": document.tenant_name,
        "metadata": {"tenant_id": document.tenant_id},
    }
    if document.country_code:
        params["address"] = {"country": document.country_code}
    return _request(f"customer:{document.tenant_id}", "/v1/customers", params, "")


def _invoice(document: Document) -> tuple[Request, ...]:
    total = stripe_amounts.minor_units(document.total_amount, document.currency_code)
    name = f"invoice:{document.document_id}"
    customer = f"{{customer:{document.tenant_id}}}"
    currency = document.currency_code.lower()
    draft = _request(
        name,
        "/v1/invoices",
        {
            "customer": customer,
            "currency": currency,
            "number": document.number,
            "collection_method": "send_invoice",
            "days_until_due": document.payment_terms_days,
            "auto_advance": "false",
            "pending_invoice_items_behavior": "exclude",
            "effective_at": _seconds(document.issued_at),
            "metadata": _facts(document),
        },
        document.digest,
    )
    items = [
        _request(
            f"item:{document.document_id}:{item.item_id}",
            "/v1/invoiceitems",
            {
                "customer": customer,
                "invoice": f"{{{name}}}",
                "currency": currency,
                "description": item.description,
                "discountable": "false",
                "period": _period(item),
                "metadata": item.links,
                **_price(item, document.currency_code),
            },
            document.digest,
        )
        for item in items_of(document, MAX_ITEMS)
    ]
    finalise = _request(
        f"finalise:{document.document_id}",
        f"/v1/invoices/{{{name}}}/finalize",
        {"auto_advance": "false"},
        document.digest,
        total,
    )
    return (draft, *items, *_balance(document, "balance", -1), finalise)


def _balance(document: Document, kind: str, sign: int) -> tuple[Request, ...]:
    """Give (-1) the applied credit to the customer's balance, or take it back (1)."""
    credit = stripe_amounts.minor_units(document.credits_applied_amount, document.currency_code)
    if not credit:
        return ()
    params = {
        "amount": sign * credit,
        "currency": document.currency_code.lower(),
        "description": f"Credit applied to {document.number}",
        "metadata": {"document_id": document.document_id},
    }
    path = f"/v1/customers/{{customer:{document.tenant_id}}}/balance_transactions"
    return (_request(f"{kind}:{document.document_id}", path, params, document.digest),)


def _notable(
    memo: Document,
    invoices: Invoices,
    exported: Collection[str],
    voided_at: Mapping[str, datetime],
    noted: dict[str, int],
) -> list[tuple[Document, Document]]:
    """The parts of a credit memo that are credit notes, each with its invoice.

    `noted` is what was credited of each invoice so far, and is brought up to date. Raises
    NotRepresentable where Stripe would refuse one of the notes: a memo goes whole or not at all.
    """
    totals: dict[str, int] = defaultdict(int, noted)
    parts: list[tuple[Document, Document]] = []
    for correction in corrections(memo, invoices):
        invoice, part = correction.invoice, correction.part
        if invoice is None or invoice.document_id not in exported:
            raise NotRepresentable("an invoice that it corrects is not exported")
        if memo.issued_at > voided_at.get(invoice.document_id, NEVER):
            raise NotRepresentable("an invoice that it corrects was voided before")
        if memo.currency_code != invoice.currency_code:
            raise NotRepresentable("the memo and its invoice are in different currencies")
        total = -stripe_amounts.minor_units(part.total_amount, part.currency_code)
        if total < 0:
            raise NotRepresentable("it credits one invoice and charges another")
        totals[invoice.document_id] += total
        of_invoice = stripe_amounts.minor_units(invoice.total_amount, invoice.currency_code)
        if totals[invoice.document_id] > of_invoice:
            raise NotRepresentable("Stripe takes no credit notes above the total of their invoice")
        if total:
            parts.append((part, invoice))
    if not parts:
        raise NotRepresentable("Stripe takes no credit note that credits nothing")
    noted.update(totals)
    return parts


def _note(document: Document, invoice: Document) -> Request:
    """A credit note of lines of its own.

    Stripe takes no line that adds to the invoice: a memo that has one is a single line of its sum.
    """
    total = -stripe_amounts.minor_units(document.total_amount, document.currency_code)
    items = items_of(document, MAX_ITEMS)
    amounts = [stripe_amounts.minor_units(item.amount, document.currency_code) for item in items]
    lines = [
        {
            "type": "custom_line_item",
            "description": item.description,
            "quantity": 1,
            "unit_amount": -amount,
            "metadata": _checked(item.links),
        }
        for item, amount in zip(items, amounts, strict=True)
        if amount
    ]
    if max(amounts) > 0:
        lines = [
            {
                "type": "custom_line_item",
                "description": document.memo_reason or f"Credit memo {document.number}",
                "quantity": 1,
                "unit_amount": total,
            }
        ]
    params: Params = {
        "invoice": f"{{invoice:{invoice.document_id}}}",
        "effective_at": _seconds(document.issued_at),
        "email_type": "none",
        "memo": ": ".join(text for text in (document.number, document.memo_reason) if text),
        "lines": lines,
        "metadata": _facts(document),
    }
    name = _note_id(document, invoice)
    return _request(name, "/v1/credit_notes", params, document.digest, total)


def _note_id(document: Document, invoice: Document) -> str:
    return f"note:{document.document_id}:{invoice.document_id}"


def _void_note(document: Document, invoice: Document) -> Request:
    name = _note_id(document, invoice)
    return _request(f"void_{name}", f"/v1/credit_notes/{{{name}}}/void", {}, document.digest)


def _void(document: Document) -> tuple[Request, ...]:
    """Void an invoice. The credit that Stripe then gives back is ours to set off: it goes."""
    if _amount_due(document) <= 0:
        return ()
    path = f"/v1/invoices/{{invoice:{document.document_id}}}/void"
    void = _request(f"void:{document.document_id}", path, {}, document.digest)
    return (void, *_balance(document, "take_back", 1))


def _amount_due(document: Document) -> Decimal:
    return document.total_amount - document.credits_applied_amount


def _request(
    request_id: str, path: str, params: Params, source: str, total: int | None = None
) -> Request:
    text = json.dumps([request_id, path, params], sort_keys=True)
    key = hashlib.sha256(text.encode()).hexdigest()
    if "metadata" in params:
        params = params | {"metadata": _checked(params["metadata"] | {KEY_NAME: key})}
    return Request(request_id, key, path, params, source, total)


def _checked(metadata: dict[str, str]) -> dict[str, str]:
    long = [name for name, value in metadata.items() if len(value) > VALUE_LENGTH]
    if long or len(metadata) > MAX_KEYS:
        raise NotRepresentable(
            f"Stripe's metadata holds {MAX_KEYS} values of {VALUE_LENGTH} characters;"
            f" too long: {', '.join(long) or 'the list'}"
        )
    return metadata


def _price(item: Item, currency: str) -> Params:
    """Quantity and unit price where they make the amount and Stripe can hold both; else amount."""
    amount = stripe_amounts.minor_units(item.amount, currency)
    if item.quantity is None or item.unit_price is None:
        return {"amount": amount}
    unit_amount = item.unit_price.scaleb(stripe_amounts.scale_of(currency))
    places = max(map(stripe_amounts.decimal_places, (unit_amount, item.quantity)))
    if places > stripe_amounts.MAX_DECIMALS:
        return {"amount": amount}
    price = {"unit_amount_decimal": _plain(unit_amount)}
    if stripe_amounts.decimal_places(item.quantity) == 0:
        return price | {"quantity": int(item.quantity)}
    return price | {"quantity_decimal": _plain(item.quantity)}


def _facts(document: Document) -> dict[str, str]:
    facts = {
        "document_id": document.document_id,
        "document_kind": document.kind,
        "document_number": document.number,
        "invoice_id": document.invoice_id,
        "version": str(document.version or ""),
        "tenant_id": document.tenant_id,
        "contract_id": document.contract_id,
        "billing_period_id": document.billing_period_id,
        "lock_digest": document.lock_digest,
        "document_digest": document.digest,
        "due_date": document.due_date.isoformat() if document.due_date else None,
    }
    return {name: value for name, value in facts.items() if value}


def _period(item: Item) -> dict[str, int]:
    """Stripe's period includes its end, ours does not."""
    last = max(item.starts_at, item.ends_at - timedelta(seconds=1))
    return {"start": _seconds(item.starts_at), "end": _seconds(last)}


def _seconds(instant: datetime) -> int:
    return int(instant.timestamp())


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"
