"""What of a document another system books: its lines, one discount, its taxes; they add up.

Taxes and discounts are items of their own, with the amounts that were issued, because every system
we export to would otherwise compute and round them anew, and a cent would differ.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Context, Decimal, Inexact
from itertools import groupby

from python_ext.errors import MeterhouseError
from python_ext.issued_documents import Document, Line

VALUE_LENGTH = 500
ID_VALUES = 30
"""How many values of `VALUE_LENGTH` characters may list the lines of an item; a digest else."""

EXACT = Context(prec=76, traps=[Inexact])
"""A quantity times a price has up to 38 digits, and the default context rounds at 28."""


@dataclass(frozen=True)
class Item:
    """One amount of a document, signed, in its currency. The period is half-open, in UTC.

    `item_id` is unique in its document. `links` are our ids and facts by name, all text.
    `quantity` and `unit_price` are set only where their product is `amount` exactly, so that no
    rounding is left to the other system.
    """

    item_id: str
    item_type: str
    description: str
    amount: Decimal
    starts_at: datetime
    ends_at: datetime
    links: dict[str, str] = field(default_factory=dict)
    quantity: Decimal | None = None
    unit_price: Decimal | None = None


@dataclass(frozen=True)
class Problem:
    """A document that the other system cannot hold as it is, and why."""

    document_id: str
    reason: str


def items_of(document: Document, limit: int) -> tuple[Item, ...]:
    """The items of a document, `limit` at most, in a fixed order; their sum is its total.

    Above the limit lines are rolled up by pack, line type and tax; where that is not enough, by
    line type and tax, then by tax, then all into one. A document without lines has one item of
    zero, because no system takes an empty invoice. Raises MeterhouseError where `limit` does not
    even hold the taxes, or the sum is not the total.
    """
    totals = _discount_item(document) + _tax_items(document)
    room = limit - len(totals)
    if room < 1:
        raise MeterhouseError(
            f"document {document.document_id}",
            f"it has {len(document.taxes)} taxes, and an export holds {limit} items",
            "issue it with fewer taxes",
        )
    items = _rolled_up(document, room) + totals
    added = sum((item.amount for item in items), Decimal(0))
    if added != document.total_amount:
        raise MeterhouseError(
            f"document {document.document_id}",
            f"its items make {added}, and its total is {document.total_amount}",
            "report it: this must not happen",
        )
    return items


def digest_of(names: Iterable[str]) -> str:
    """SHA-256, in hex, of names, each with a line feed, in order of text."""
    return hashlib.sha256("".join(f"{name}\n" for name in sorted(names)).encode()).hexdigest()


def percent(ratio: Decimal) -> str:
    """0.19 is 19, without trailing zeros."""
    return f"{(ratio * 100).normalize():f}"


def _rolled_up(document: Document, room: int) -> tuple[Item, ...]:
    if not document.lines:
        return (
            Item(
                "none",
                "none",
                "No charges",
                Decimal(0),
                document.starts_at,
                document.ends_at,
                {"document_id": document.document_id},
            ),
        )
    if len(document.lines) <= room:
        return tuple(_line_item(document, line) for line in document.lines)
    keys: list[Callable[[Line], tuple[str, ...]]] = [
        lambda line: (line.pack_id or "", line.line_type, _tax_key(line)),
        lambda line: ("", line.line_type, _tax_key(line)),
        lambda line: ("", "", _tax_key(line)),
        lambda _: ("", "", ""),
    ]
    for key in keys:
        groups = [
            (name, list(lines)) for name, lines in groupby(sorted(document.lines, key=key), key)
        ]
        if len(groups) <= room:
            break
    return tuple(_group_item(document, name, lines) for name, lines in groups)


def _tax_key(line: Line) -> str:
    return ", ".join(f"{tax.name} {percent(tax.ratio)}%" for tax in line.taxes)


def _line_item(document: Document, line: Line) -> Item:
    links = {
        "document_id": document.document_id,
        "document_line_id": line.document_line_id,
        "line_type": line.line_type,
        "pack_id": line.pack_id,
        "charge_id": line.charge_id,
        "plan_line_id": line.plan_line_id,
        "rated_usage_id": line.rated_usage_id,
        "receipt_id": line.receipt_id,
        "quantity": _text(line.quantity),
        "unit": line.unit,
        "unit_price": _text(line.unit_price),
    }
    is_product = (
        line.quantity is not None
        and line.unit_price is not None
        and line.quantity > 0
        and EXACT.multiply(line.quantity, line.unit_price) == line.amount
    )
    return Item(
        line.document_line_id,
        line.line_type,
        line.description,
        line.amount,
        line.starts_at,
        line.ends_at,
        {name: value for name, value in links.items() if value},
        line.quantity if is_product else None,
        line.unit_price if is_product else None,
    )


def _group_item(document: Document, name: tuple[str, ...], lines: list[Line]) -> Item:
    if len(lines) == 1:
        return _line_item(document, lines[0])
    ids = sorted(line.document_line_id for line in lines)
    links = {
        "document_id": document.document_id,
        "pack_id": name[0],
        "line_type": name[1],
        "tax": name[2],
        "line_count": str(len(lines)),
        "lines_digest": digest_of(ids),
        "receipts_digest": digest_of(line.receipt_id for line in lines if line.receipt_id),
    }
    for number, value in enumerate(_packed(ids), 1):
        links[f"document_line_ids_{number}"] = value
    what = ", ".join(part for part in name if part) or "all charges"
    return Item(
        f"lines:{digest_of(ids)[:16]}",
        name[1] or "rolled_up",
        f"{what} ({len(lines):,} lines)",
        sum((line.amount for line in lines), Decimal(0)),
        min(line.starts_at for line in lines),
        max(line.ends_at for line in lines),
        {key: value for key, value in links.items() if value},
    )


def _packed(ids: list[str]) -> list[str]:
    """The ids in values that hold 500 characters; none at all where they need too many values."""
    values: list[str] = []
    for name in ids:
        if values and len(values[-1]) + 1 + len(name) <= VALUE_LENGTH:
            values[-1] += f",{name}"
        else:
            values.append(name)
    return values if len(values) <= ID_VALUES else []


def _discount_item(document: Document) -> tuple[Item, ...]:
    if not document.discount_amount:
        return ()
    links = {"document_id": document.document_id, "line_type": "discount"}
    if document.coupon_ids:
        ids = ",".join(document.coupon_ids)
        links["coupon_ids"] = ids if len(ids) <= VALUE_LENGTH else digest_of(document.coupon_ids)
    return (
        Item(
            "discount",
            "discount",
            document.coupon_text or "Discount",
            -document.discount_amount,
            document.starts_at,
            document.ends_at,
            links,
        ),
    )


def _tax_items(document: Document) -> tuple[Item, ...]:
    return tuple(
        Item(
            f"tax:{number}",
            "tax",
            f"{tax.name} {percent(tax.ratio)}%",
            tax.amount,
            document.starts_at,
            document.ends_at,
            {
                "document_id": document.document_id,
                "line_type": "tax",
                "tax_name": tax.name,
                "tax_ratio": f"{tax.ratio:f}",
            },
        )
        for number, tax in enumerate(document.taxes, 1)
    )


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"
