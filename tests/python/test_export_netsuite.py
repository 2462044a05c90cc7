"""NetSuite's rows add up to what was issued, and none lacks its External ID."""

import csv
from collections import defaultdict
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from python_ext import export_netsuite
from python_ext.issued_documents import parse
from tests.python.documents import bodies, document, late_memo, line, memo

VOIDED = datetime(2026, 6, 1, tzinfo=UTC)


def totals(rows: tuple[dict[str, str], ...]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        sums[row["External ID"]] += Decimal(row["Amount"])
    return dict(sums)


def test_each_row_repeats_the_invoice_and_has_its_external_id() -> None:
    rows = export_netsuite.rows([document(taxes={"0.19": "0.61"})])
    assert rows.credit_memos == ()
    usage, tax = rows.invoices
    assert usage == {
        "External ID": "d1",
        "Document Number": "EU-d1",
        "Customer External ID": "borealis",
        "Date": "2026-04-02",
        "Due Date": "2026-05-02",
        "Currency": "EUR",
        "Exchange Rate": "1.168",
        "Memo": "",
        "Created From External ID": "",
        "Line Number": "1",
        "Item External ID": "companyos_core",
        "Description": "Policy decisions",
        "Quantity": "1",
        "Rate": "3.20",
        "Amount": "3.20",
        "Service Start Date": "2026-03-01",
        "Service End Date": "2026-03-31",
        "Unit": "decision",
        "Metered Quantity": "700",
        "Document Line ID": "d1-l1",
        "Receipt ID": "r1",
    }
    assert (tax["External ID"], tax["Item External ID"], tax["Amount"]) == ("d1", "tax", "0.61")


def test_quantity_and_rate_are_told_where_they_make_the_amount() -> None:
    made = document(lines=[line(1, "2.80", quantity="700", unit_price="0.004")])
    (row,) = export_netsuite.rows([made]).invoices
    assert (row["Quantity"], row["Rate"], row["Amount"]) == ("700", "0.004", "2.80")


def test_a_credit_memo_has_amounts_without_sign_and_leads_to_its_invoice() -> None:
    rows = export_netsuite.rows([memo("m1", "i-d1", ["-1.00", "0.20"]), document("d1")])
    assert [row["Amount"] for row in rows.credit_memos] == ["1.00", "-0.20"]
    assert {row["Created From External ID"] for row in rows.credit_memos} == {"d1"}
    assert {row["External ID"] for row in rows.credit_memos} == {"m1"}


def test_an_invoice_below_zero_is_a_credit_memo() -> None:
    rows = export_netsuite.rows([document(lines=[line(1, "-2.00")])])
    assert rows.invoices == ()
    assert totals(rows.credit_memos) == {"d1": Decimal("2.00")}


def test_a_void_is_a_record_of_the_other_type_that_takes_all_back() -> None:
    documents = [document("d1"), memo("m1", "i-d1", ["-1.00"])]
    rows = export_netsuite.rows(documents, {"d1": VOIDED, "m1": VOIDED})
    assert totals(rows.invoices) == {"d1": Decimal("3.20"), "m1-void": Decimal("1.00")}
    assert totals(rows.credit_memos) == {"m1": Decimal("1.00"), "d1-void": Decimal("3.20")}
    back = rows.credit_memos[0]
    assert (back["Date"], back["Created From External ID"]) == ("2026-06-01", "d1")


def test_a_memo_for_several_invoices_is_one_record_that_leads_to_none() -> None:
    memos = late_memo("m1", {"i-d1": "-1.00", "i-d2": "-2.00"})
    rows = export_netsuite.rows([document("d1"), document("d2"), memos])
    assert totals(rows.credit_memos) == {"m1": Decimal("3.30")}
    assert {row["Created From External ID"] for row in rows.credit_memos} == {""}


def test_internal_documents_are_never_exported() -> None:
    assert export_netsuite.rows([document(is_internal=True)]) == export_netsuite.Rows((), ())


def test_a_range_still_knows_the_invoice_that_a_memo_corrects() -> None:
    documents = [document("d1"), memo("m1", "i-d1", ["-1.00"])]
    rows = export_netsuite.rows(documents, only={"m1"})
    assert rows.invoices == ()
    assert rows.credit_memos[0]["Created From External ID"] == "d1"


def test_more_lines_than_netsuite_takes_are_rolled_up() -> None:
    made = document(lines=[line(n, "0.01") for n in range(5001)])
    assert totals(export_netsuite.rows([made]).invoices) == {"d1": Decimal("50.01")}


def test_the_file_can_be_read_back() -> None:
    made = document(lines=[line(1, "1.00", description='a "quoted", text\nof two lines')])
    rows = export_netsuite.rows([made]).invoices
    assert list(csv.DictReader(StringIO(export_netsuite.as_csv(rows), newline=""))) == list(rows)


@given(st.lists(bodies(), max_size=4), st.booleans())
def test_rows_add_up_to_what_was_issued(made: list[dict[str, Any]], is_voided: bool) -> None:
    documents = [
        parse(each | {"document_id": f"d{number}"}, "test") for number, each in enumerate(made)
    ]
    voided = {each.document_id: VOIDED for each in documents} if is_voided else {}
    rows = export_netsuite.rows(documents, voided)
    assert all(row["External ID"] for row in (*rows.invoices, *rows.credit_memos))
    signed = totals(rows.invoices)
    for name, amount in totals(rows.credit_memos).items():
        assert name not in signed
        signed[name] = -amount
    for each in documents:
        assert signed[each.document_id] == each.total_amount
        if is_voided:
            assert signed[f"{each.document_id}-void"] == -each.total_amount
    for rows_of_type in (rows.invoices, rows.credit_memos):
        for row in rows_of_type:
            assert Decimal(row["Quantity"]) * Decimal(row["Rate"]) == Decimal(row["Amount"])
