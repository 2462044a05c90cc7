"""Issued documents for tests: bodies as they are landed, with sums that add up."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from python_ext.issued_documents import Document, body_digest, parse

Body = dict[str, Any]

MINOR_UNITS = {"EUR": 2, "USD": 2, "JPY": 0, "KWD": 3}


def line(number: int, amount: str, document_id: str = "d1", **values: Any) -> Body:
    """A usage line without tax."""
    return {
        "document_line_id": f"{document_id}-l{number}",
        "line_number": number,
        "line_type": "usage",
        "charge_key": f"ck{number}",
        "charge_id": f"c{number}",
        "line_code": "decisions",
        "plan_line_id": "saas@1/decisions",
        "pack_id": "companyos_core",
        "pack_name": "CompanyOS Core",
        "description": "Policy decisions",
        "unit": "decision",
        "quantity": "700",
        "unit_price": None,
        "exact_amount": amount,
        "amount": amount,
        "coupon_amount": "0",
        "net_amount": amount,
        "taxes": [],
        "tax_amount": "0",
        "segment_start_at": "2026-03-01T00:00:00Z",
        "segment_end_at": "2026-04-01T00:00:00Z",
        "rated_usage_id": f"ru{number}",
        "receipt_id": f"r{number}",
        "corrects_invoice_id": None,
        "reason": None,
    } | values


def body(
    document_id: str = "d1",
    lines: list[Body] | None = None,
    taxes: dict[str, str] | None = None,
    discount: str = "0",
    **values: Any,
) -> Body:
    """An invoice of March 2026; `taxes` is amount by ratio. Sums are made here."""
    lines = [line(1, "3.20", document_id)] if lines is None else lines
    taxed = {ratio: Decimal(amount) for ratio, amount in (taxes or {}).items()}
    subtotal = sum((Decimal(each["amount"]) for each in lines), Decimal(0))
    tax = sum(taxed.values(), Decimal(0))
    total = subtotal - Decimal(discount) + tax
    result = {
        "document_id": document_id,
        "document_kind": "invoice",
        "document_number": f"EU-{document_id}",
        "memo_reason": None,
        "invoice_id": f"i-{document_id}",
        "version": 1,
        "lock_digest": "a" * 64,
        "action_id": "act",
        "policy_decision_id": "pd",
        "tenant": {
            "tenant_id": "borealis",
            "tenant_name": "Borealis Bank",
            "country_code": "DE",
            "tax_region": "DE",
            "customer_kind": "business",
            "tax_number": None,
            "address": None,
            "locale": "de_DE",
        },
        "issuing_entity": {"issuing_entity_id": "summit-eu", "entity_name": "Summit Europe B.V."},
        "contract_id": "k1",
        "billing_period_id": "bp1",
        "is_internal": False,
        "currency_code": "EUR",
        "minor_unit": 2,
        "period_start_at": "2026-03-01T00:00:00Z",
        "period_end_at": "2026-04-01T00:00:00Z",
        "issued_at": "2026-04-02T10:00:00Z",
        "due_date": "2026-05-02",
        "payment_terms_days": 30,
        "lines": lines,
        "taxes": [
            {
                "tax_name": "USt",
                "tax_ratio": ratio,
                "tax_treatment": "standard",
                "taxable_amount": f"{subtotal:f}",
                "tax_amount": f"{amount:f}",
            }
            for ratio, amount in taxed.items()
        ],
        "coupons": [{"coupon_id": "SPRING", "description": "Spring", "amount": discount}]
        if Decimal(discount)
        else [],
        "credits_applied": [],
        "annex": [],
        "subtotal_amount": f"{subtotal:f}",
        "discount_amount": discount,
        "tax_amount": f"{tax:f}",
        "total_amount": f"{total:f}",
        "credits_applied_amount": "0",
        "amount_due": f"{total:f}",
        "usd_per_unit": "1.168",
        "total_usd": "4.45",
    } | values
    due = total - Decimal(result["credits_applied_amount"])
    return result | {"amount_due": f"{due:f}"}


def document(*arguments: Any, **values: Any) -> Document:
    """A parsed `body`."""
    made = body(*arguments, **values)
    return parse(made, made["document_id"])


def memo(document_id: str, invoice_id: str, amounts: list[str], **values: Any) -> Document:
    """A credit memo on an invoice, issued a month after it."""
    made = {
        "document_kind": "credit_memo",
        "invoice_id": invoice_id,
        "issued_at": "2026-05-02T10:00:00Z",
        "memo_reason": "late events",
        "lines": [line(n, amount, document_id) for n, amount in enumerate(amounts, 1)],
    }
    return document(document_id, **made | values)


def late_memo(document_id: str, amounts: dict[str, str], **values: Any) -> Document:
    """A memo of late usage as the billing service lands it: `amounts` by invoice, 10 % of tax."""
    lines = []
    for number, (invoice_id, amount) in enumerate(amounts.items(), 1):
        tax = f"{Decimal(amount) / 10:.2f}"
        named = {"corrects_invoice_id": invoice_id, "corrects_version": 1, "tax_amount": tax}
        taxes = [{"tax_name": "USt", "tax_ratio": "0.1", "tax_amount": tax}]
        lines.append(line(number, amount, document_id, taxes=taxes, **named))
    made = {
        "document_kind": "credit_memo",
        "invoice_id": None,
        "version": None,
        "billing_period_id": None,
        "lock_digest": None,
        "issued_at": "2026-05-02T10:00:00Z",
        "memo_reason": "late",
        "taxes": {"0.1": f"{sum(Decimal(each['tax_amount']) for each in lines):f}"},
    }
    return document(document_id, lines, **made | values)


def landed_line(made: Body) -> str:
    """A line of documents.ndjson."""
    text = json.dumps(made, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return f'{{"digest":"{body_digest(made)}","body":{text}}}\n'


def land(landing: Path, bodies: list[Body], stamp: str = "20260402T100000Z") -> Path:
    """Write bodies below issued/, as issuing does."""
    path = landing / "issued" / f"landed={stamp}" / "documents.ndjson"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(map(landed_line, bodies)), encoding="utf-8")
    return path


@st.composite
def bodies(draw: st.DrawFn, document_id: str = "d1", max_lines: int = 6) -> Body:
    """Documents of any kind, in any of our currencies, with amounts of either sign."""
    currency = draw(st.sampled_from(sorted(MINOR_UNITS)))
    scale = MINOR_UNITS[currency]

    def amount(low: int, high: int) -> str:
        units = draw(st.integers(low, high)) * (10 if currency == "KWD" else 1)
        return f"{Decimal(units).scaleb(-scale):.{scale}f}"

    kind = draw(st.sampled_from(["invoice", "debit_memo"]))
    count = draw(st.integers(0, max_lines))
    lines = []
    for number in range(1, count + 1):
        price = draw(st.sampled_from([None, "0.01", "1", "2.5"]))
        value = amount(-50_000, 500_000)
        if price and draw(st.booleans()):
            quantity = draw(st.integers(1, 400)) * 4
            exact = quantity * Decimal(price)
            if exact == round(exact, scale):
                value = f"{exact:.{scale}f}"
        else:
            quantity = draw(st.integers(0, 1000))
        lines.append(
            line(
                number,
                value,
                document_id,
                quantity=str(quantity),
                unit_price=price,
                line_type=draw(st.sampled_from(["fee", "usage", "sla_credit"])),
                pack_id=draw(st.sampled_from([None, "core", "growth"])),
            )
        )
    taxes = {
        ratio: amount(-1_000, 90_000)
        for ratio in draw(st.lists(st.sampled_from(["0.19", "0.07", "0"]), unique=True))
    }
    discount = amount(0, 2_000) if draw(st.booleans()) else "0"
    return body(
        document_id,
        lines,
        taxes,
        discount,
        document_kind=kind,
        currency_code=currency,
        minor_unit=scale,
    )
