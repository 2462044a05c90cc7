"""What stands on the pages of an issued document, as text in its reader's locale.

Every amount is one of the document's body; nothing is worked out here but the sums of the packs.
Both templates take the same sheet, so HTML and PDF say the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from python_ext.annexes import Explanation, Step
from python_ext.errors import MeterhouseError
from python_ext.locale_text import LocaleText, decimals_of, locale_of

Body = Mapping[str, Any]
Pair = tuple[str, str]
"""A label and what stands beside it."""

LETTER = frozenset({"US", "CA", "MX", "PH", "CO", "CL"})
"""Countries that print on US letter; all others on A4."""

TITLES = {"invoice": "Invoice", "credit_memo": "Credit memo", "debit_memo": "Debit memo"}

DRAFT, VOID = "DRAFT", "VOID"
NOT_ASKED = {DRAFT: "Not issued yet", VOID: "Not to be paid"}

TREATMENTS = {
    "reverse_charge": "Reverse charge: the recipient accounts for the tax.",
    "exempt": "Exempt from tax.",
}

REASONS = {
    "late": "It settles usage, prices or corrections that became known after the invoice.",
    "rebill": "It takes back a version of an invoice that is issued anew.",
    "agreed": "It was agreed upon.",
}
"""Why a memo was issued, by memo_reason; another reason stands on the memo as it is."""

STEPS = {
    "event": "Per event",
    "fair_use": "Above fair use",
    "commitment_overage": "Above the commitment",
    "commitment_true_up": "Up to the commitment",
    "minimum": "Up to the minimum",
    "maximum": "Down to the maximum",
    "already_rated": "Rated before, for an earlier part",
}


@dataclass(frozen=True)
class Around:
    """What a document does not say itself.

    `stamp` is DRAFT or VOID for what is not to be paid, else empty. `replaces` is the number of the
    version before, and `corrects` those of what a memo corrects, by invoice_id and version.
    """

    annex: Sequence[Explanation] = ()
    stamp: str = ""
    replaces: str = ""
    corrects: Mapping[tuple[str, int], str] = field(default_factory=dict)


@dataclass(frozen=True)
class Party:
    name: str
    address: tuple[str, ...]
    tax_number: str
    email: str


@dataclass(frozen=True)
class Row:
    """A line: `details` are small print below its description."""

    number: str
    description: str
    details: tuple[str, ...]
    quantity: str
    unit_price: str
    tax: str
    amount: str


@dataclass(frozen=True)
class Group:
    """The lines of a pack, and what they come to."""

    name: str
    rows: tuple[Row, ...]
    amount: str


@dataclass(frozen=True)
class TaxRow:
    name: str
    ratio: str
    taxable: str
    amount: str


@dataclass(frozen=True)
class Total:
    """A row from the subtotal to what is due; strong ones stand out."""

    name: str
    amount: str
    is_strong: bool = False


@dataclass(frozen=True)
class StepRow:
    name: str
    units: str
    unit_price: str
    amount: str


@dataclass(frozen=True)
class AnnexRow:
    """How a usage line comes about: what it stands on, its steps, and what they come to."""

    number: str
    description: str
    facts: tuple[Pair, ...]
    steps: tuple[StepRow, ...]
    exact: str
    amount: str
    receipt: str


@dataclass(frozen=True)
class Sheet:
    """A document as text. `headline` is what it asks for, `issued_at` when it was issued."""

    language: str
    paper: str
    title: str
    number: str
    stamp: str
    digest: str
    issued_at: str
    currency: str
    seller: Party
    buyer: Party
    facts: tuple[Pair, ...]
    headline: Pair
    due: str
    groups: tuple[Group, ...]
    totals: tuple[Total, ...]
    taxes: tuple[TaxRow, ...]
    notes: tuple[str, ...]
    remittance: tuple[Pair, ...]
    annex: tuple[AnnexRow, ...]


def sheet(body: Body, digest: str, around: Around) -> Sheet:
    """The sheet of a document whose body is that of python_ext/document_bodies, as it is landed.

    `digest` is of the body's text, empty for a draft. Raises MeterhouseError where an amount of the
    body does not fit its currency, or the annex does not stand on the usage lines of the body.
    """
    tenant = body["tenant"]
    text = LocaleText(
        locale_of(tenant.get("locale"), tenant.get("country_code")),
        body["currency_code"],
        body["minor_unit"],
    )
    _check_annex(body, around.annex)
    try:
        return _sheet(body, digest, around, text)
    except ValueError as error:
        raise MeterhouseError(
            f"document {body['document_number'] or body['document_id']}",
            f"it cannot be written in {body['currency_code']}: {error}",
            "report it: a document is issued with amounts of its currency",
        ) from None


def _sheet(body: Body, digest: str, around: Around, text: LocaleText) -> Sheet:
    seller, buyer = body["issuing_entity"], body["tenant"]
    due = Decimal(body["amount_due"])
    packs: dict[str, list[Mapping[str, Any]]] = {}
    for line in body["lines"]:
        packs.setdefault(_pack(line, body["lines"]), []).append(line)
    annex = {explanation.line_id: explanation for explanation in around.annex}
    return Sheet(
        language="en",
        paper="us-letter" if seller.get("country_code") in LETTER else "a4",
        title=_title(body),
        number=body["document_number"],
        stamp=around.stamp,
        digest=digest,
        issued_at=body["issued_at"],
        currency=body["currency_code"],
        seller=_party(seller, "entity_name"),
        buyer=_party(buyer, "tenant_name"),
        facts=tuple(_facts(body, around, text)),
        headline=(_headline(body), text.money(due)),
        due=NOT_ASKED.get(around.stamp) or _due(body, text),
        groups=tuple(
            Group(
                name,
                tuple(_row(line, _details(line, body, annex, text), text) for line in lines),
                text.amount(sum((Decimal(line["amount"]) for line in lines), Decimal(0))),
            )
            for name, lines in packs.items()
        ),
        totals=tuple(_totals(body, text)),
        taxes=tuple(
            TaxRow(
                tax["tax_name"],
                text.ratio(Decimal(tax["tax_ratio"])),
                text.amount(Decimal(tax["taxable_amount"])),
                text.amount(Decimal(tax["tax_amount"])),
            )
            for tax in body["taxes"]
        ),
        notes=tuple(_notes(body, around, text)),
        remittance=tuple(_remittance(body, text)) if due > 0 and not around.stamp else (),
        annex=tuple(
            _annex_row(annex[line["document_line_id"]], line, text)
            for line in body["lines"]
            if line["document_line_id"] in annex
        ),
    )


def _check_annex(body: Body, annex: Sequence[Explanation]) -> None:
    """An annex is of all usage lines or of none, and its amounts are theirs."""
    asked = {
        line["document_line_id"]: Decimal(line.get("price_amount") or line["amount"])
        for line in body["lines"]
        if line.get("rated_usage_id")
    }
    explained = {each.line_id: each.line_amount for each in annex}
    if annex and asked != explained:
        wrong = sorted(
            name for name in {*asked, *explained} if asked.get(name) != explained.get(name)
        )
        raise MeterhouseError(
            f"document {body['document_number'] or body['document_id']}",
            f"the usage annex does not add up to its lines: {', '.join(wrong)}",
            "run meterhouse build, and see exc_lock_mismatches for what changed",
        )


def _title(body: Body) -> str:
    title = TITLES[body["document_kind"]]
    return f"Internal {title.lower()}" if body["is_internal"] else title


def _party(party: Mapping[str, Any], name: str) -> Party:
    return Party(
        name=party[name],
        address=tuple((party.get("address") or "").split("\n")) if party.get("address") else (),
        tax_number=party.get("tax_number") or "",
        email=party.get("email") or "",
    )


def _facts(body: Body, around: Around, text: LocaleText) -> list[Pair]:
    found = [
        (
            "As of" if around.stamp == DRAFT else "Date of issue",
            text.date(_instant(body["issued_at"])),
        ),
        ("Period", text.period(_instant(body["period_start_at"]), _instant(body["period_end_at"]))),
        ("Contract", body["contract_id"]),
    ]
    if _is_asking(body) and not around.stamp:
        found.insert(1, ("Due date", text.date(date.fromisoformat(body["due_date"]))))
    if (body.get("version") or 1) > 1:
        former = around.replaces or f"version {body['version'] - 1}"
        found.append(("Version", f"{body['version']}, replaces {former}"))
    corrected = dict.fromkeys(
        (line["corrects_invoice_id"], line.get("corrects_version"))
        for line in body["lines"]
        if line.get("corrects_invoice_id")
    )
    numbers = list(dict.fromkeys(around.corrects.get(key, key[0]) for key in corrected))
    if numbers:
        found.append(("Corrects", ", ".join(numbers)))
    return found


def _is_asking(body: Body) -> bool:
    return bool(body.get("due_date")) and Decimal(body["amount_due"]) > 0


def _headline(body: Body) -> str:
    if body["is_internal"]:
        return "Charged internally"
    return "Amount credited" if Decimal(body["amount_due"]) < 0 else "Amount due"


def _due(body: Body, text: LocaleText) -> str:
    if not _is_asking(body):
        return "Nothing to pay"
    if body["is_internal"]:
        return "No payment is asked for"
    return f"Due {text.date(date.fromisoformat(body['due_date']))}"


def _pack(line: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> str:
    named = line.get("pack_name") or line.get("pack_id")
    if named:
        return str(named)
    return "Other" if any(each.get("pack_id") for each in lines) else "Charges"


def _row(line: Mapping[str, Any], details: tuple[str, ...], text: LocaleText) -> Row:
    price = line.get("unit_price")
    quantity = line.get("quantity")
    return Row(
        number=str(line["line_number"]),
        description=line["description"],
        details=details,
        quantity=text.number(Decimal(quantity)) if quantity is not None else "",
        unit_price=text.price(Decimal(price)) if price is not None else "",
        tax=_rates(line, text),
        amount=text.amount(Decimal(line["amount"])),
    )


def _details(
    line: Mapping[str, Any], body: Body, annex: Mapping[str, Explanation], text: LocaleText
) -> tuple[str, ...]:
    """When, if not in all of the document's period; how much of it is paid for, if not all; why."""
    starts_at, ends_at = line.get("segment_start_at"), line.get("segment_end_at")
    found = []
    if starts_at and ends_at and (starts_at, ends_at) != _ends(body):
        found.append(text.period(_instant(starts_at), _instant(ends_at)))
    if body["document_kind"] != "invoice" and line.get("reason"):
        found.append(_words(line["reason"]))
    explanation = annex.get(line["document_line_id"])
    billable = explanation.billable_quantity if explanation else None
    if explanation and billable is not None and billable != explanation.quantity:
        free = text.number(explanation.quantity - billable)
        found.append(f"{free} free or capped, {text.number(billable)} billable")
    return tuple(found)


def _ends(body: Body) -> tuple[str, str]:
    return body["period_start_at"], body["period_end_at"]


def _rates(line: Mapping[str, Any], text: LocaleText) -> str:
    return " + ".join(
        text.ratio(Decimal(tax["tax_ratio"])) for tax in line["taxes"] if Decimal(tax["tax_ratio"])
    )


def _totals(body: Body, text: LocaleText) -> list[Total]:
    discount, applied = body["discount_amount"], body["credits_applied_amount"]
    found = [Total("Subtotal", text.money(Decimal(body["subtotal_amount"])))]
    found += [
        Total(f"Discount: {each['description'] or each['coupon_id']}", _less(each["amount"], text))
        for each in body["coupons"]
    ]
    if Decimal(discount) and not body["coupons"]:
        found.append(Total("Discounts", _less(discount, text)))
    if body["taxes"] or Decimal(body["tax_amount"]):
        found.append(Total("Tax", text.money(Decimal(body["tax_amount"]))))
    found.append(Total("Total", text.money(Decimal(body["total_amount"])), is_strong=True))
    found += [
        Total(f"Paid from balance: {each['grant_id']}", _less(each["amount"], text))
        for each in body["credits_applied"]
    ]
    if Decimal(applied) and not body["credits_applied"]:
        found.append(Total("Paid from balance", _less(applied, text)))
    due = text.money(Decimal(body["amount_due"]))
    return [*found, Total(_headline(body), due, is_strong=True)]


def _less(amount: str, text: LocaleText) -> str:
    return text.money(-Decimal(amount) or Decimal(0))


def _notes(body: Body, around: Around, text: LocaleText) -> list[str]:
    found = []
    if around.stamp == DRAFT:
        found.append("This is a draft. It may still change, and is not to be paid.")
    if around.stamp == VOID:
        found.append("This document is void. It is not to be paid.")
    if body.get("memo_reason"):
        found.append(REASONS.get(body["memo_reason"], f"Reason: {body['memo_reason']}."))
    treatments = dict.fromkeys(tax["tax_treatment"] for tax in body["taxes"])
    found += [TREATMENTS[each] for each in treatments if each in TREATMENTS]
    if any(Decimal(line.get("price_amount") or line["amount"]) != Decimal(line["amount"])
           for line in body["lines"]):  # fmt: skip
        found.append("Prices include tax; the amounts above are without it.")
    if Decimal(body["amount_due"]) < 0:
        found.append(
            "The amount is set against what is open on your account; nothing is to be paid."
        )
    if Decimal(body["amount_due"]) == 0 and Decimal(body["total_amount"]) > 0:
        found.append("It is paid in full from your balance.")
    if body["is_internal"]:
        found.append("A charge between parts of the company, at transfer price.")
    if body.get("usd_per_unit") and body["currency_code"] != "USD":
        rate = text.number(Decimal(body["usd_per_unit"]))
        total = text.number(Decimal(body["total_usd"]))
        found.append(
            f"Exchange rate for reporting: 1 {body['currency_code']} is {rate} USD; "
            f"the total is {total} USD."
        )
    return found


def _remittance(body: Body, text: LocaleText) -> list[Pair]:
    if body["is_internal"]:
        return []
    seller = body["issuing_entity"]
    told = [
        ("Account holder", seller["entity_name"]),
        ("Bank", seller.get("bank_name")),
        ("IBAN", _in_fours(seller.get("iban"))),
        ("Account number", seller.get("account_number")),
        ("Routing number", seller.get("routing_number")),
        ("BIC", seller.get("bic")),
    ]
    found = [(label, value) for label, value in told if value]
    found.append(("Reference", body["document_number"]))
    found.append(("Terms", _terms(body, text)))
    return found


def _terms(body: Body, text: LocaleText) -> str:
    days = body.get("payment_terms_days") or 0
    when = text.date(date.fromisoformat(body["due_date"]))
    return f"Net {days} days, by {when}" if days else f"On receipt, {when}"


def _in_fours(iban: str | None) -> str:
    packed = (iban or "").replace(" ", "")
    return " ".join(packed[start : start + 4] for start in range(0, len(packed), 4))


def _annex_row(explanation: Explanation, line: Mapping[str, Any], text: LocaleText) -> AnnexRow:
    unit = explanation.unit
    facts = [
        ("Period", text.period(explanation.starts_at, explanation.ends_at)),
        ("Plan line", f"{explanation.plan_line_id}, {_words(explanation.charge_model)}"),
        ("Meter", explanation.meter_id + (f", in {unit}" if unit else "")),
        ("Used", text.number(explanation.quantity)),
    ]
    if (billable := explanation.billable_quantity) is not None:
        if explanation.quantity != billable:
            facts.append(("Free or capped", text.number(explanation.quantity - billable)))
        facts.append(("Billable", text.number(billable)))
    facts.append(("Events", text.number(Decimal(explanation.event_count))))
    for label, event in (
        ("First event", explanation.first_event),
        ("Last event", explanation.last_event),
    ):
        if event:
            facts.append((label, f"{text.instant(event[0])}, {event[1]}"))
    amounts = (explanation.net_amount, *(step.amount for step in explanation.steps))
    decimals = max(decimals_of(amount) for amount in amounts)  # so that they stand in line
    return AnnexRow(
        number=str(line["line_number"]),
        description=line["description"],
        facts=tuple(facts),
        steps=tuple(_step(step, text, decimals) for step in explanation.steps),
        exact=text.price(explanation.net_amount, decimals),
        amount=text.amount(explanation.line_amount),
        receipt=explanation.receipt_id or "",
    )


def _step(step: Step, text: LocaleText, decimals: int) -> StepRow:
    if step.kind == "discount":
        ratio = f", {text.ratio(step.unit_price)}" if step.unit_price is not None else ""
        return StepRow(
            f"Discount {step.discount_id}{ratio}", "", "", text.price(step.amount, decimals)
        )
    name = f"Tier {step.tier_number}" if step.kind == "tier" else STEPS.get(step.kind, step.kind)
    if step.flat_amount:
        name += f", with a flat {text.price(step.flat_amount)}"
    return StepRow(
        name=name,
        units="" if step.units is None else text.number(step.units),
        unit_price="" if step.unit_price is None else text.price(step.unit_price),
        amount=text.price(step.amount, decimals),
    )


def _words(name: str) -> str:
    return name.replace("_", " ")


def _instant(value: str) -> datetime:
    return datetime.fromisoformat(value)
