"""Issued documents as Chargebee imports them: `import_invoice` and `import_credit_note`.

Pure. Amounts are integers in the currency's minor unit. A discount and a line below zero are
`discounts` (Chargebee's lines and discounts have no sign), the taxes that were issued are `taxes`,
and their parts stand on the lines, so that lines - discounts + taxes = total.

What Chargebee cannot hold is a `Problem`: an invoice below zero, a credit memo whose invoice is
not there. Source: Chargebee's API reference v2, product catalogue 2.0.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from python_ext import largest_remainder
from python_ext.errors import MeterhouseError
from python_ext.export_items import Item, Problem, items_of, percent
from python_ext.issued_documents import (
    Correction,
    Document,
    corrections,
    in_order,
    invoices_in,
    with_memos_voided,
)

MAX_LINES = 250
"""Ours: the number of lines that Chargebee takes is not documented; Stripe's limit serves both."""

MAX_ID = 50
MAX_TEXT = 250
MAX_TAXES = 10
NO_TAX_BELOW_ZERO = "Chargebee takes no tax below zero"

Payload = dict[str, Any]


@dataclass(frozen=True)
class Import:
    """One POST below /api/v2, and the document that it brings."""

    document_id: str
    path: str
    payload: Payload


def imports(
    documents: Iterable[Document], voided_at: Mapping[str, datetime] | None = None
) -> tuple[tuple[Import, ...], tuple[Problem, ...]]:
    """What to import, in order, and what cannot be. Internal documents are left out.

    `voided_at` has the documents that were voided. A voided credit memo is not imported: the
    import has no way to say so, and it is as if it had not been.
    """
    ordered = [document for document in in_order(documents) if not document.is_internal]
    invoices = invoices_in(ordered)
    voids = with_memos_voided(ordered, voided_at or {})
    made: list[Import] = []
    problems: list[Problem] = []
    exported: set[str] = set()
    for document in ordered:
        name = document.document_id
        is_credit = document.kind == "credit_memo"
        parts = corrections(document, invoices) if is_credit else ()
        reason = _reason_against(document, voids) or _reason_against_parts(parts, exported)
        if reason:
            problems.append(Problem(name, reason))
            continue
        exported.add(name)
        if not is_credit:
            payload = _invoice(document, voids.get(name))
            made.append(Import(name, "/invoices/import_invoice", payload))
        for number, part in enumerate(parts, 1):
            payload = _credit_note(part)
            if len(parts) > 1:  # a credit note is on one invoice
                payload["id"] += f"-{number}"
            made.append(Import(name, "/credit_notes/import_credit_note", payload))
    return tuple(made), tuple(problems)


def total_of(payload: Payload) -> int:
    """What Chargebee adds a payload up to: lines - discounts + taxes, in minor units."""
    lines, discounts = payload["line_items"], payload["discounts"]
    added = sum(line["amount"] for line in lines) - sum(part["amount"] for part in discounts)
    return int(added + sum(tax["amount"] for tax in payload["taxes"]))


def _reason_against(document: Document, voids: Mapping[str, datetime]) -> str | None:
    is_credit = document.kind == "credit_memo"
    sign = -1 if is_credit else 1
    reasons = (
        (len(document.number) > MAX_ID, f"Chargebee's numbers have at most {MAX_ID} characters"),
        (document.total_amount * sign < 0, "Chargebee takes no total below zero"),
        (any(tax.amount * sign < 0 for tax in document.taxes), NO_TAX_BELOW_ZERO),
        (len(document.taxes) > MAX_TAXES, f"a line has at most {MAX_TAXES} taxes at Chargebee"),
        (is_credit and document.document_id in voids, "the credit memo was voided"),
    )
    return next((reason for applies, reason in reasons if applies), None)


def _reason_against_parts(parts: tuple[Correction, ...], exported: set[str]) -> str | None:
    for correction in parts:
        if correction.invoice is None or correction.invoice.document_id not in exported:
            return "an invoice that it corrects is not exported"
        if correction.part.total_amount > 0:
            return "it credits one invoice and charges another"
        if any(tax.amount > 0 for tax in correction.part.taxes):
            return NO_TAX_BELOW_ZERO
    return None


def _credit_note(correction: Correction) -> Payload:
    return _payload(correction.part, -1) | {
        "reference_invoice_id": correction.invoice.number if correction.invoice else None,
        "type": "adjustment",
        "create_reason_code": (correction.part.memo_reason or "Other")[:100],
        "status": "adjusted",
    }


def _invoice(document: Document, voided_at: datetime | None) -> Payload:
    payload = _payload(document, 1) | {
        "net_term_days": document.payment_terms_days,
        "price_type": "tax_exclusive",
        "status": "voided" if voided_at else "payment_due" if document.total_amount else "paid",
    }
    if document.due_date:
        midnight = datetime.combine(
            document.due_date, datetime.min.time(), document.issued_at.tzinfo
        )
        payload["due_date"] = _seconds(midnight)
    if voided_at:
        payload |= {"voided_at": _seconds(voided_at), "void_reason_code": "Other"}
    if document.credits_applied_amount:
        # A credit that was applied is a payment here: Chargebee does not hold our wallet.
        payload["payments"] = [
            {
                "amount": _minor(document, document.credits_applied_amount),
                "payment_method": "other",
                "date": _seconds(document.issued_at),
                "reference_number": f"credit applied to {document.number}"[:100],
            }
        ]
    return payload


def _payload(document: Document, sign: int) -> Payload:
    """The parts that both imports have; `sign` is -1 where a document's amounts are credits."""
    items = [item for item in items_of(document, MAX_LINES) if item.item_type != "tax"]
    above = [item for item in items if item.amount * sign >= 0]
    below = [item for item in items if item.amount * sign < 0]
    if not above:  # the import needs a line
        above = [
            Item("none", "none", "No charges", Decimal(0), document.starts_at, document.ends_at)
        ]
    lines = [_line(document, item, sign) for item in above]
    for number, tax in enumerate(document.taxes, 1):
        # A tax is spread by amount over the lines that are left above zero.
        parts = largest_remainder.split(
            tax.amount * sign,
            {f"{place:06}": item.amount * sign for place, item in enumerate(above)},
            Decimal(1).scaleb(-document.minor_unit),
        )
        for line, (_, part) in zip(lines, sorted(parts.items()), strict=True):
            line[f"tax{number}_name"] = _tax_name(number, document)
            line[f"tax{number}_amount"] = _minor(document, part)
    payload: Payload = {
        "id": document.number,
        "currency_code": document.currency_code,
        "customer_id": document.tenant_id,
        "date": _seconds(document.issued_at),
        "total": _minor(document, document.total_amount * sign),
        "line_items": lines,
        "discounts": [
            {
                "entity_type": "document_level_discount",
                "entity_id": item.item_id,
                "description": item.description[:MAX_TEXT],
                "amount": _minor(document, -item.amount * sign),
            }
            for item in below
        ],
        "taxes": [
            {
                "name": _tax_name(number, document),
                "rate": percent(tax.ratio),
                "amount": _minor(document, tax.amount * sign),
            }
            for number, tax in enumerate(document.taxes, 1)
        ],
        "notes": [{"entity_type": "customer", "note": f"meterhouse {document.document_id}"}],
    }
    if total_of(payload) != payload["total"]:
        raise MeterhouseError(
            f"document {document.document_id}",
            f"its import adds up to {total_of(payload)}, and its total is {payload['total']}",
            "report it: this must not happen",
        )
    return payload


def _line(document: Document, item: Item, sign: int) -> Payload:
    amount = _minor(document, item.amount * sign)
    line: Payload = {
        "id": item.item_id,
        "date_from": _seconds(item.starts_at),
        "date_to": _seconds(item.ends_at),
        "description": item.description[:MAX_TEXT],
        "entity_type": "adhoc",
        "unit_amount": amount,
        "quantity": 1,
        "amount": amount,
    }
    if item.quantity is not None and item.unit_price is not None and sign == 1:
        unit_amount = item.unit_price.scaleb(document.minor_unit)
        is_whole = unit_amount == int(unit_amount) and item.quantity == int(item.quantity)
        if is_whole and unit_amount >= 0:
            line |= {"unit_amount": int(unit_amount), "quantity": int(item.quantity)}
    return line


def _tax_name(number: int, document: Document) -> str:
    """A name for each tax of a document: two rates of one tax are two taxes there."""
    tax = document.taxes[number - 1]
    same = [other for other in document.taxes if other.name == tax.name]
    return tax.name if len(same) == 1 else f"{tax.name} {percent(tax.ratio)}% ({number})"


def _minor(document: Document, amount: Decimal) -> int:
    scaled = amount.scaleb(document.minor_unit)
    if scaled != int(scaled):
        raise MeterhouseError(
            f"document {document.document_id}",
            f"{amount:f} is no whole number of the minor unit of {document.currency_code}",
            "report it: documents are issued at the minor unit",
        )
    return int(scaled)


def _seconds(instant: datetime) -> int:
    return int(instant.timestamp())
