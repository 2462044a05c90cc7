"""Files of the landing folder: which are usable, when they landed, and the lines in them."""

import gzip
import os
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from python_ext import landing
from python_ext.errors import MeterhouseError

STAMPED = "landed=20260305T100000Z"
EVENT = b'{"id":"a"}\n'


def put(folder: Path, name: str, content: bytes = EVENT) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def rows(folder: Path, as_of: str | None = None) -> list[dict[str, object]]:
    return landing.take_stock(folder, as_of, None).to_pylist()


def lines(folder: Path, name: str) -> list[tuple[int, str]]:
    table = landing.read_lines(folder, [name]).read_all()
    return list(zip(table["line_number"].to_pylist(), table["raw_line"].to_pylist(), strict=True))


def test_a_stamp_stands_in_a_path_part_or_in_the_file_name(tmp_path: Path) -> None:
    put(tmp_path, f"usage_events/{STAMPED}/a.ndjson")
    put(tmp_path, "usage_events/b_20260306T110000Z.ndjson")
    assert {row["landed_file"]: row["stamped_at"] for row in rows(tmp_path)} == {
        f"usage_events/{STAMPED}/a.ndjson": datetime(2026, 3, 5, 10),
        "usage_events/b_20260306T110000Z.ndjson": datetime(2026, 3, 6, 11),
    }


def test_a_file_without_a_stamp_has_none_in_the_ledger(tmp_path: Path) -> None:
    put(tmp_path, "usage_events/a.ndjson")
    put(tmp_path, "usage_events/b_20260301T000000Z.ndjson")
    assert rows(tmp_path)[0]["stamped_at"] is None


def test_without_any_stamp_as_of_stands_in(tmp_path: Path) -> None:
    put(tmp_path, "usage_events/a.ndjson")
    assert len(rows(tmp_path, "2026-03-05T12:00:00+02:00")) == 1


def test_a_file_that_was_built_is_not_opened_again(tmp_path: Path) -> None:
    path = put(tmp_path, f"usage_events/{STAMPED}/a.ndjson")
    ledger = landing.take_stock(tmp_path, None, None)
    status = path.stat()
    path.write_bytes(EVENT.replace(b"a", b"b"))  # would be refused, were it looked at
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    again = landing.take_stock(tmp_path, None, ledger)
    assert again.equals(ledger)


def test_a_touched_file_is_compared_and_one_that_changed_is_refused(tmp_path: Path) -> None:
    path = put(tmp_path, f"usage_events/{STAMPED}/a.ndjson")
    ledger = landing.take_stock(tmp_path, None, None)
    os.utime(path, ns=(0, 0))
    touched = landing.take_stock(tmp_path, None, ledger)
    assert touched["digest"] == ledger["digest"]
    path.write_bytes(EVENT.replace(b"a", b"b"))
    with pytest.raises(MeterhouseError, match="changed after it was built") as caught:
        landing.take_stock(tmp_path, None, touched)
    assert str(path) in str(caught.value)


def test_a_file_that_went_away_is_named(tmp_path: Path) -> None:
    path = put(tmp_path, f"usage_events/{STAMPED}/a.ndjson")
    put(tmp_path, f"usage_events/{STAMPED}/b.ndjson")
    ledger = landing.take_stock(tmp_path, None, None)
    path.unlink()
    with pytest.raises(MeterhouseError, match="not there any more") as caught:
        landing.take_stock(tmp_path, None, ledger)
    assert str(path) in str(caught.value)


def test_hidden_and_private_files_are_passed_over(tmp_path: Path) -> None:
    put(tmp_path, f"usage_events/{STAMPED}/a.ndjson")
    put(tmp_path, f"usage_events/{STAMPED}/_SUCCESS")
    put(tmp_path, f"usage_events/{STAMPED}/.a.ndjson.crc")
    put(tmp_path, "expectations.json")
    assert len(rows(tmp_path)) == 1


@pytest.mark.parametrize(
    ("name", "content", "as_of", "said"),
    [
        (
            "usage_events/a.ndjson",
            EVENT,
            None,
            "no file in the landing folder carries a landing stamp",
        ),
        ("usage_events/a.ndjson", EVENT, "yesterday", "ISO 8601 instant"),
        (f"usage_events/{STAMPED}/a.txt", EVENT, None, "ends in one of"),
        ("usage_events/landed=20261305T100000Z/a.ndjson", EVENT, None, "YYYYMMDDTHHMMSSZ"),
        (f"usage_events/{STAMPED}/a.parquet", b"PAR1 not", None, "not a readable Parquet file"),
        (f"focus/{STAMPED}/a.csv", b"date,amount\n", None, "not a FOCUS"),
        (f"focus/{STAMPED}/a.csv", b"", None, "not a FOCUS"),
        (f"focus/{STAMPED}/a.csv.gz", gzip.compress(b"x" * 99, mtime=0)[:9], None, "truncated"),
        (f"other/{STAMPED}/a.csv", b"", None, "no usage events and no cost statements"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_by_name_rule_and_remedy(
    tmp_path: Path, name: str, content: bytes, as_of: str | None, said: str
) -> None:
    put(tmp_path, name, content)
    with pytest.raises(MeterhouseError, match=said) as caught:
        rows(tmp_path, as_of)
    assert caught.value.remedy
    assert "as_of" in caught.value.subject or str(tmp_path) in caught.value.subject


def test_a_folder_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MeterhouseError, match="does not exist"):
        rows(tmp_path / "nowhere")


def test_a_parquet_file_that_is_not_focus_is_refused_among_statements(tmp_path: Path) -> None:
    (tmp_path / "focus").mkdir()
    pq.write_table(pa.table({"BilledCost": [1]}), tmp_path / "focus" / "a_20260305T100000Z.parquet")
    with pytest.raises(MeterhouseError, match="no column BillingCurrency"):
        rows(tmp_path)


def test_lines_keep_their_numbers_whatever_stands_in_them(tmp_path: Path) -> None:
    put(tmp_path, "a", b'\xef\xbb\xbf{"a":1}\r\n\n  \n"open\rquote,\x01\n\xff\xfe\nlast')
    assert lines(tmp_path, "a") == [
        (1, '{"a":1}'),
        (4, '"open\rquote,\x01'),
        (5, "\\xff\\xfe"),
        (6, "last"),
    ]


def test_an_empty_file_has_no_lines(tmp_path: Path) -> None:
    put(tmp_path, "a", b"")
    assert lines(tmp_path, "a") == []


def test_a_gzip_reads_like_the_plain_file_and_a_truncated_one_is_refused(tmp_path: Path) -> None:
    text = b"".join(b'{"id":"%d"}\n' % number for number in range(20_000))
    put(tmp_path, "plain", text)
    put(tmp_path, "packed.gz", gzip.compress(text))
    put(tmp_path, "cut.gz", gzip.compress(text)[:-9])
    assert lines(tmp_path, "packed.gz") == lines(tmp_path, "plain")
    with pytest.raises(MeterhouseError, match=r"cut\.gz.*truncated"):
        lines(tmp_path, "cut.gz")


@given(
    texts=st.lists(st.binary(max_size=9).map(lambda text: text.replace(b"\n", b"")), max_size=8),
    block_bytes=st.integers(4, 12),  # a byte order mark comes in one piece
)
def test_block_size_never_changes_the_lines(
    tmp_path_factory: pytest.TempPathFactory, texts: list[bytes], block_bytes: int
) -> None:
    folder = tmp_path_factory.mktemp("lines")
    put(folder, "a", b"\n".join(texts))
    whole = lines(folder, "a")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(landing, "BLOCK_BYTES", block_bytes)
        assert lines(folder, "a") == whole
    texts = b"\n".join(texts).removeprefix(b"\xef\xbb\xbf").split(b"\n")
    decoded = [text.decode("utf-8", "backslashreplace") for text in texts]
    blank = set(" \t\v\f\r\n")
    assert len(whole) == sum(not set(text) <= blank for text in decoded)
