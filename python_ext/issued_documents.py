"""Issued documents: the invoices and memos that were landed when they were issued.

A line of `landing/issued/**/*.ndjson` is exactly `{"digest":"<sha256>","body":<canonical JSON>}`,
and the digest is that of the body's text. Amounts are decimals at the currency's minor unit.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from python_ext.errors import MeterhouseError

FOLDER = "issued"
DIGEST_START = '{"digest":"'
BODY_START = '","body":'
KINDS = ("invoice", "credit_memo", "debit_memo")

Body = dict[str, Any]


@dataclass(frozen=True)
class Tax:
    """One tax of a document or of a line. `ratio` is 0..1; `amount` is in the currency."""

    name: str
    ratio: Decimal
    amount: Decimal


@dataclass(frozen=True)
class Line:
    """One line. `amount` is before coupons and without tax; a period is half-open, in UTC.

    A line of a memo names the invoice and version that it corrects.
    """

    document_line_id: str
    line_type: str
    description: str
    amount: Decimal
    coupon_amount: Decimal
    tax_amount: Decimal
    taxes: tuple[Tax, ...]
    corrects_invoice_id: str | None
    corrects_version: int | None
    pack_id: str | None
    unit: str | None
    quantity: Decimal | None
    unit_price: Decimal | None
    starts_at: datetime
    ends_at: datetime
    charge_id: str | None
    plan_line_id: str | None
    rated_usage_id: str | None
    receipt_id: str | None


@dataclass(frozen=True)
class Document:
    """An issued invoice, credit memo or debit memo, with the digest of its body.

    `total_amount` = `subtotal_amount` - `discount_amount` + `tax_amount`; lines of memos are
    signed, so a credit memo's total is below zero.
    """

    document_id: str
    digest: str
    kind: str
    number: str
    invoice_id: str | None
    version: int | None
    tenant_id: str
    tenant_name: str
    country_code: str | None
    tax_number: str | None
    contract_id: str | None
    billing_period_id: str | None
    lock_digest: str | None
    memo_reason: str | None
    is_internal: bool
    currency_code: str
    minor_unit: int
    starts_at: datetime
    ends_at: datetime
    issued_at: datetime
    due_date: date | None
    payment_terms_days: int
    lines: tuple[Line, ...]
    taxes: tuple[Tax, ...]
    coupon_ids: tuple[str, ...]
    coupon_text: str
    subtotal_amount: Decimal
    discount_amount: Decimal
    tax_amount: Decimal
    total_amount: Decimal
    credits_applied_amount: Decimal
    usd_per_unit: Decimal | None


def read(landing: Path, only: Collection[str] | None = None) -> list[Document]:
    """The documents below `landing`/issued, each once, by time of issue and id.

    `only` names the documents that count: an action may since have lost its decision, which the
    warehouse knows and a file does not. Internal ones come too; what exports leave out is theirs.
    Raises MeterhouseError for a line that is none, a digest that is not the body's, a document
    whose sums do not add up, and for two that share an id.
    """
    found: dict[str, Document] = {}
    for path in sorted((landing / FOLDER).rglob("[!._]*.ndjson")):
        for where, body, digest in read_bodies(path):
            document = parse(body, where, digest)
            known = found.setdefault(document.document_id, document)
            if known.digest != document.digest:
                raise MeterhouseError(
                    where,
                    f"document {document.document_id} was landed before with another body",
                    "remove the one that was not issued",
                )
    chosen = found.values() if only is None else (found[name] for name in only if name in found)
    return in_order(chosen)


def in_order(documents: Iterable[Document]) -> list[Document]:
    """Documents by time of issue, credit memos after what they correct, then id."""
    return sorted(
        documents,
        key=lambda document: (
            document.issued_at,
            document.kind == "credit_memo",
            document.document_id,
        ),
    )


@dataclass(frozen=True)
class Correction:
    """The part of a memo that is for one invoice; `invoice` is None where it is not known."""

    invoice: Document | None
    part: Document


Invoices = Mapping[tuple[str | None, int | None], Document]


def invoices_in(documents: Iterable[Document]) -> Invoices:
    """Invoices by invoice_id and version; without a version, the highest that was issued."""
    invoices: dict[tuple[str | None, int | None], Document] = {}
    for document in sorted(documents, key=lambda document: document.version or 0):
        if document.kind == "invoice":
            invoices[document.invoice_id, document.version] = document
            invoices[document.invoice_id, None] = document
    return invoices


def corrections(memo: Document, invoices: Invoices) -> tuple[Correction, ...]:
    """A memo in parts, one for each invoice version that its lines correct; they make the memo.

    A memo of late usage may be for several months. A line that names no invoice is for that of
    the memo.
    """
    lines: dict[tuple[str | None, int | None], list[Line]] = {}
    for line in memo.lines:
        key = (line.corrects_invoice_id or memo.invoice_id, line.corrects_version)
        lines.setdefault(key, []).append(line)
    if len(lines) <= 1:
        key = next(iter(lines), (memo.invoice_id, None))
        return (Correction(invoices.get(key), memo),)
    return tuple(Correction(invoices.get(key), _part(memo, lines[key])) for key in lines)


def with_memos_voided(
    documents: Iterable[Document], voided_at: Mapping[str, datetime]
) -> dict[str, datetime]:
    """`voided_at` by document_id, with the memos: one falls when all that it corrects has."""
    known = list(documents)
    invoices = invoices_in(known)
    result = dict(voided_at)
    for memo in known:
        if memo.kind != "invoice" and memo.document_id not in result:
            corrected = [each.invoice for each in corrections(memo, invoices)]
            instants = [result.get(each.document_id) if each else None for each in corrected]
            found = [instant for instant in instants if instant is not None]
            if found and len(found) == len(instants) and max(found) >= memo.issued_at:
                result[memo.document_id] = max(found)
    return result


def read_bodies(path: Path) -> Iterator[tuple[str, Body, str]]:
    """The bodies of a file: where each stands, what it holds, and its digest, verified."""
    # Only a line feed ends a line: a text may hold other separators, which JSON need not escape.
    for number, raw in enumerate(path.read_bytes().split(b"\n"), 1):
        line = raw.decode("utf-8", "replace")  # what is not UTF-8 has another digest
        if not line.strip():
            continue
        where = f"{path}, line {number}"
        start, digest, middle = (
            line[: len(DIGEST_START)],
            line[len(DIGEST_START) : len(DIGEST_START) + 64],
            line[len(DIGEST_START) + 64 : len(DIGEST_START) + 64 + len(BODY_START)],
        )
        if start != DIGEST_START or middle != BODY_START or not line.endswith("}"):
            raise MeterhouseError(
                where,
                "a line of an issued document is a digest and a body, in this order",
                "restore the file as it was issued",
            )
        text = line[len(DIGEST_START) + 64 + len(BODY_START) : -1]
        if hashlib.sha256(text.encode()).hexdigest() != digest:
            raise MeterhouseError(
                where,
                "the digest is not that of the body; an issued document never changes",
                "restore the file as it was issued, and correct the document with a memo",
            )
        try:
            yield where, json.loads(text, parse_float=Decimal), digest
        except json.JSONDecodeError as error:
            raise MeterhouseError(
                where, f"the body is not JSON ({error})", "restore the file as it was issued"
            ) from None


def body_digest(body: Mapping[str, Any]) -> str:
    """SHA-256, in hex, of the canonical text of a body."""
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def parse(body: Mapping[str, Any], where: str, digest: str | None = None) -> Document:
    """A document from its body. Raises MeterhouseError, about `where`, for one that is none."""
    try:
        document = _parse(body, digest or body_digest(body))
    except (KeyError, TypeError, ValueError, InvalidOperation) as error:
        raise MeterhouseError(
            where,
            f"the body is not a document ({type(error).__name__}: {error})",
            "restore the file as it was issued",
        ) from None
    _check_sums(document, where)
    return document


def _parse(body: Mapping[str, Any], digest: str) -> Document:
    if body["document_kind"] not in KINDS:
        raise ValueError(f"document_kind is one of {', '.join(KINDS)}")
    tenant, starts_at, ends_at = body["tenant"], body["period_start_at"], body["period_end_at"]
    return Document(
        document_id=body["document_id"],
        digest=digest,
        kind=body["document_kind"],
        number=body["document_number"],
        invoice_id=body["invoice_id"],
        version=body["version"],
        tenant_id=tenant["tenant_id"],
        tenant_name=tenant["tenant_name"],
        country_code=tenant.get("country_code"),
        tax_number=tenant.get("tax_number"),
        contract_id=body.get("contract_id"),
        billing_period_id=body.get("billing_period_id"),
        lock_digest=body.get("lock_digest"),
        memo_reason=body.get("memo_reason"),
        is_internal=body["is_internal"],
        currency_code=body["currency_code"],
        minor_unit=int(body["minor_unit"]),
        starts_at=datetime.fromisoformat(starts_at),
        ends_at=datetime.fromisoformat(ends_at),
        issued_at=datetime.fromisoformat(body["issued_at"]),
        due_date=date.fromisoformat(body["due_date"]) if body.get("due_date") else None,
        payment_terms_days=int(body.get("payment_terms_days") or 0),
        lines=tuple(_line(line, starts_at, ends_at) for line in body["lines"]),
        taxes=_taxes(body["taxes"]),
        coupon_ids=tuple(coupon["coupon_id"] for coupon in body["coupons"]),
        coupon_text="; ".join(
            coupon["description"] for coupon in body["coupons"] if coupon.get("description")
        ),
        subtotal_amount=Decimal(body["subtotal_amount"]),
        discount_amount=Decimal(body["discount_amount"]),
        tax_amount=Decimal(body["tax_amount"]),
        total_amount=Decimal(body["total_amount"]),
        credits_applied_amount=Decimal(body["credits_applied_amount"]),
        usd_per_unit=_decimal(body.get("usd_per_unit")),
    )


def _line(line: Mapping[str, Any], starts_at: str, ends_at: str) -> Line:
    return Line(
        document_line_id=line["document_line_id"],
        line_type=line["line_type"],
        description=line["description"],
        amount=Decimal(line["amount"]),
        coupon_amount=Decimal(line["coupon_amount"]),
        tax_amount=Decimal(line["tax_amount"]),
        taxes=_taxes(line["taxes"]),
        corrects_invoice_id=line.get("corrects_invoice_id"),
        corrects_version=line.get("corrects_version"),
        pack_id=line.get("pack_id"),
        unit=line.get("unit"),
        quantity=_decimal(line.get("quantity")),
        unit_price=_decimal(line.get("unit_price")),
        starts_at=datetime.fromisoformat(line.get("segment_start_at") or starts_at),
        ends_at=datetime.fromisoformat(line.get("segment_end_at") or ends_at),
        charge_id=line.get("charge_id"),
        plan_line_id=line.get("plan_line_id"),
        rated_usage_id=line.get("rated_usage_id"),
        receipt_id=line.get("receipt_id"),
    )


def _part(memo: Document, lines: list[Line]) -> Document:
    """The memo as if it had only these lines; its taxes are those of the lines."""
    taxes: dict[tuple[str, Decimal], Decimal] = {}
    for tax in (tax for line in lines for tax in line.taxes):
        taxes[tax.name, tax.ratio] = taxes.get((tax.name, tax.ratio), Decimal(0)) + tax.amount
    subtotal = sum((line.amount for line in lines), Decimal(0))
    discount = sum((line.coupon_amount for line in lines), Decimal(0))
    tax_amount = sum((line.tax_amount for line in lines), Decimal(0))
    return replace(
        memo,
        lines=tuple(lines),
        taxes=tuple(Tax(*key, amount) for key, amount in sorted(taxes.items())),
        subtotal_amount=subtotal,
        discount_amount=discount,
        tax_amount=tax_amount,
        total_amount=subtotal - discount + tax_amount,
    )


def _taxes(taxes: list[Mapping[str, Any]]) -> tuple[Tax, ...]:
    return tuple(
        Tax(tax["tax_name"], Decimal(tax["tax_ratio"]), Decimal(tax["tax_amount"])) for tax in taxes
    )


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _check_sums(document: Document, where: str) -> None:
    """An export adds up lines and taxes, so they must make the totals that were issued."""
    claims = {
        "subtotal_amount": (
            document.subtotal_amount,
            sum(line.amount for line in document.lines),
        ),
        "tax_amount": (document.tax_amount, sum(tax.amount for tax in document.taxes)),
        "total_amount": (
            document.total_amount,
            document.subtotal_amount - document.discount_amount + document.tax_amount,
        ),
    }
    for name, (stated, computed) in claims.items():
        if stated != computed:
            raise MeterhouseError(
                where,
                f"{name} of document {document.document_id} is {stated}, and its parts make"
                f" {computed}",
                "report it: a document is issued with sums that add up",
            )
