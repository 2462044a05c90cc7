"""Issued documents as rows of NetSuite's CSV import: invoices, and credit memos for negatives.

Pure. NetSuite imports one record type a file; a record is the rows that share an External ID, in
sequence, and repeats what belongs to the record on each. Amounts have no sign of their own there:

- a document whose total is below zero is a credit memo, its amounts turned round;
- a voided document stays, and a record of the other type with `-void` in its External ID, dated
  when it was voided, takes all of it back: a CSV import cannot void.

Tax is an item, as issued. Dates are ISO 8601, to be chosen in the import job; the service period
ends on its last day. Source: NetSuite's guide to CSV imports (transactions).
"""

import csv
import io
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from python_ext.export_items import Item, items_of
from python_ext.issued_documents import (
    Document,
    Invoices,
    corrections,
    in_order,
    invoices_in,
    with_memos_voided,
)

MAX_LINES = 5000
"""Above it NetSuite asks for other ways in."""

COLUMNS = (
    "External ID",
    "Document Number",
    "Customer External ID",
    "Date",
    "Due Date",
    "Currency",
    "Exchange Rate",
    "Memo",
    "Created From External ID",
    "Line Number",
    "Item External ID",
    "Description",
    "Quantity",
    "Rate",
    "Amount",
    "Service Start Date",
    "Service End Date",
    "Unit",
    "Metered Quantity",
    "Document Line ID",
    "Receipt ID",
)

Row = dict[str, str]


@dataclass(frozen=True)
class Rows:
    """The rows of the two files."""

    invoices: tuple[Row, ...]
    credit_memos: tuple[Row, ...]


def rows(
    documents: Iterable[Document],
    voided_at: Mapping[str, datetime] | None = None,
    only: Collection[str] | None = None,
) -> Rows:
    """The rows of all documents, or of those in `only`, in order. Internal ones are left out."""
    invoices: list[Row] = []
    credit_memos: list[Row] = []
    ordered = [document for document in in_order(documents) if not document.is_internal]
    issued = invoices_in(ordered)
    voids = with_memos_voided(ordered, voided_at or {})
    for document in ordered:
        if only is not None and document.document_id not in only:
            continue
        is_credit = document.total_amount < 0
        corrected = _corrected(document, issued)
        voided = voids.get(document.document_id)
        for is_reversal in (False, True) if voided else (False,):
            record = _record(document, corrected, voided if is_reversal else None)
            (credit_memos if is_credit != is_reversal else invoices).extend(
                _rows(document, record, -1 if is_credit else 1)
            )
    return Rows(tuple(invoices), tuple(credit_memos))


def _corrected(document: Document, invoices: Invoices) -> str:
    """The invoice that a memo is for; none where it is for several, a record leads to one."""
    if document.kind == "invoice":
        return ""
    found = corrections(document, invoices)
    return found[0].invoice.document_id if len(found) == 1 and found[0].invoice else ""


def as_csv(rows: Iterable[Row]) -> str:
    """Rows below their heading, RFC 4180."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


def _record(document: Document, corrected: str, reversed_at: datetime | None) -> Row:
    """What belongs to the record. A reversal leads back to the document itself."""
    record = {
        "External ID": document.document_id,
        "Document Number": document.number,
        "Customer External ID": document.tenant_id,
        "Date": document.issued_at.date().isoformat(),
        "Due Date": document.due_date.isoformat() if document.due_date else "",
        "Currency": document.currency_code,
        "Exchange Rate": f"{document.usd_per_unit:f}" if document.usd_per_unit else "",
        "Memo": document.memo_reason or "",
        "Created From External ID": corrected,
    }
    if reversed_at is None:
        return record
    return record | {
        "External ID": f"{document.document_id}-void",
        "Document Number": f"{document.number}-VOID",
        "Date": reversed_at.date().isoformat(),
        "Due Date": "",
        "Memo": f"Void of {document.number}",
        "Created From External ID": document.document_id,
    }


def _rows(document: Document, record: Row, sign: int) -> Iterable[Row]:
    for number, item in enumerate(items_of(document, MAX_LINES), 1):
        yield record | {"Line Number": str(number)} | _line(item, sign)


def _line(item: Item, sign: int) -> Row:
    """An item. Quantity and rate only where they make the amount; what was metered is beside."""
    quantity, rate = ("1", f"{item.amount * sign:f}")
    if item.quantity is not None and item.unit_price is not None:
        quantity, rate = f"{item.quantity:f}", f"{item.unit_price * sign:f}"
    last = max(item.starts_at, item.ends_at - timedelta(seconds=1))
    return {
        "Item External ID": item.links.get("pack_id") or item.item_type,
        "Description": item.description,
        "Quantity": quantity,
        "Rate": rate,
        "Amount": f"{item.amount * sign:f}",
        "Service Start Date": item.starts_at.date().isoformat(),
        "Service End Date": last.date().isoformat(),
        "Unit": item.links.get("unit", ""),
        "Metered Quantity": item.links.get("quantity", ""),
        "Document Line ID": item.links.get("document_line_id", item.item_id),
        "Receipt ID": item.links.get("receipt_id", ""),
    }
