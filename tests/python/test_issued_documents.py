"""Issued documents are read as they were issued, or not at all."""

from pathlib import Path

import pytest

from python_ext import issued_documents
from python_ext.errors import MeterhouseError
from tests.python.documents import body, land, landed_line, line


def test_documents_are_read_in_order_of_issue(tmp_path: Path) -> None:
    land(tmp_path, [body("d2", issued_at="2026-04-03T00:00:00Z"), body("d1")])
    land(tmp_path, [body("d0", issued_at="2026-05-01T00:00:00Z")], "20260501T000000Z")
    assert [each.document_id for each in issued_documents.read(tmp_path)] == ["d1", "d2", "d0"]


def test_only_documents_that_count_are_read(tmp_path: Path) -> None:
    land(tmp_path, [body("d1"), body("d2")])
    assert [each.document_id for each in issued_documents.read(tmp_path, {"d2", "gone"})] == ["d2"]


def test_a_document_that_landed_twice_counts_once(tmp_path: Path) -> None:
    land(tmp_path, [body("d1")])
    land(tmp_path, [body("d1")], "20260501T000000Z")
    assert len(issued_documents.read(tmp_path)) == 1


def test_another_body_under_the_same_id_is_refused(tmp_path: Path) -> None:
    land(tmp_path, [body("d1")])
    land(tmp_path, [body("d1", memo_reason="other")], "20260501T000000Z")
    with pytest.raises(MeterhouseError, match="landed before with another body"):
        issued_documents.read(tmp_path)


def test_a_wrong_digest_names_file_line_rule_and_remedy(tmp_path: Path) -> None:
    path = land(tmp_path, [body("d1"), body("d2")])
    path.write_text(path.read_text().replace('"document_number":"EU-d2"', '"document_number":"X"'))
    with pytest.raises(MeterhouseError) as raised:
        issued_documents.read(tmp_path)
    assert raised.value.subject == f"{path}, line 2"
    assert "digest is not that of the body" in raised.value.rule
    assert "restore the file" in raised.value.remedy


@pytest.mark.parametrize("text", ["{}", "nonsense", '{"body":{},"digest":""}', '{"digest":"'])
def test_a_line_that_is_no_digest_and_body_is_refused(tmp_path: Path, text: str) -> None:
    path = land(tmp_path, [])
    path.write_text(text + "\n")
    with pytest.raises(MeterhouseError, match="is a digest and a body"):
        issued_documents.read(tmp_path)


def test_a_separator_of_lines_in_a_text_ends_no_line(tmp_path: Path) -> None:
    land(tmp_path, [body("d1", [line(1, "1.00", description="a\u2028b\u0085c")])])
    (found,) = issued_documents.read(tmp_path)
    assert found.lines[0].description == "a\u2028b\u0085c"


def test_sums_that_do_not_add_up_are_refused(tmp_path: Path) -> None:
    land(tmp_path, [body("d1", total_amount="9.99")])
    with pytest.raises(MeterhouseError, match=r"total_amount of document d1 is 9\.99"):
        issued_documents.read(tmp_path)


def test_a_body_without_a_field_is_refused(tmp_path: Path) -> None:
    made = body("d1")
    del made["tenant"]
    path = land(tmp_path, [])
    path.write_text(landed_line(made))
    with pytest.raises(MeterhouseError, match="KeyError: 'tenant'"):
        issued_documents.read(tmp_path)


def test_a_landing_folder_without_documents_has_none(tmp_path: Path) -> None:
    assert issued_documents.read(tmp_path) == []
