"""What the billing service lands, and what it refuses before it touches the books."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from typer.testing import CliRunner

from python_ext import billing, documents
from python_ext.billing import Act, Authority, Books
from python_ext.cli import app
from python_ext.errors import MeterhouseError
from python_ext.settings import Settings, from_environment

AT = datetime(2026, 4, 1, 6, tzinfo=UTC)
AUTHORITY = Authority("controller@summit", "d-issue")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    landing = tmp_path / "landing"
    (landing / "usage_events" / "landed=20260305T100000Z").mkdir(parents=True)
    (landing / "usage_events" / "landed=20260305T100000Z" / "a.ndjson").write_text("{}\n")
    return from_environment(
        {"METERHOUSE_LANDING": str(landing), "METERHOUSE_DB": str(tmp_path / "db" / "it.duckdb")}
    )


def books(settings: Settings) -> Books:
    return Books(settings, settings.root / "seeds", Console(file=StringIO()), is_built=True)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=9))
def test_an_amount_is_written_without_an_exponent_and_reads_back_the_same(amount: Decimal) -> None:
    text = documents.plain(amount)
    assert "E" not in text.upper()
    assert Decimal(text) == amount


def test_a_document_never_rounds() -> None:
    assert documents.plain(Decimal("2.5"), 2) == "2.50"
    assert documents.plain(Decimal("2.5000"), 2) == "2.50"
    with pytest.raises(ValueError, match=r"2\.505 has more than 2 decimals"):
        documents.plain(Decimal("2.505"), 2)


def test_the_digest_of_a_line_is_that_of_its_body_to_the_letter() -> None:
    body = {"b": Decimal("1.10"), "a": "Käse \u2028 \U0001f9c0", "at": AT, "on": date(2026, 4, 1)}
    line = documents.signed_line(body)
    head, text = line[:75], line[84:-2]
    assert head == f'{{"digest":"{hashlib.sha256(text.encode()).hexdigest()}'
    assert list(json.loads(text)) == ["a", "at", "b", "on"]
    assert documents.digest_of(body) == json.loads(line)["digest"]


def test_a_value_that_has_no_canonical_text_is_refused() -> None:
    with pytest.raises(TypeError, match="no canonical text"):
        documents.canonical({"when": timedelta(days=1)})


def test_a_landed_file_is_whole_or_not_there_and_never_written_again(tmp_path: Path) -> None:
    def lines() -> Iterator[str]:
        yield "first\n"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        documents.land(tmp_path, AT, "a.ndjson", lines())
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    path = documents.land(tmp_path, AT, "a.ndjson", ["first\n"])
    with pytest.raises(FileExistsError):
        documents.land(tmp_path, AT, "a.ndjson", ["second\n"])
    assert path.read_text() == "first\n"
    assert [found.name for found in path.parent.iterdir()] == ["a.ndjson"]


def test_the_same_words_by_the_same_person_at_the_same_time_are_one_act() -> None:
    act = Act("void_invoice", "invoice", "i1", {"waive": "true"})
    same = Act("void_invoice", "invoice", "i1", {"waive": "true"})
    assert act.body(AUTHORITY, AT)["id"] == same.body(AUTHORITY, AT)["id"]
    others = [
        Act("void_invoice", "invoice", "i1", {}).body(AUTHORITY, AT),
        Act("void_invoice", "invoice", "i2", {"waive": "true"}).body(AUTHORITY, AT),
        act.body(AUTHORITY, AT + timedelta(seconds=1)),
        act.body(Authority("cfo@summit", "d-issue"), AT),
    ]
    assert len({act.body(AUTHORITY, AT)["id"], *(other["id"] for other in others)}) == 5


def test_a_command_is_stamped_after_what_has_landed_in_utc(settings: Settings) -> None:
    newest = datetime(2026, 3, 5, 10, tzinfo=UTC)
    assert billing.stamp_of(settings, AUTHORITY) > newest
    tokyo = datetime(2026, 4, 1, 9, 0, 0, 7, tzinfo=timezone(timedelta(hours=9)))
    stamp = billing.stamp_of(settings, Authority("a", "d", tokyo))
    assert stamp == datetime(2026, 4, 1, tzinfo=UTC)
    with pytest.raises(MeterhouseError, match="right after the newest batch"):
        billing.stamp_of(settings, Authority("a", "d", newest))


def test_two_commands_are_not_at_work_at_once(settings: Settings) -> None:
    refused = pytest.raises(MeterhouseError, match="another billing command")
    with books(settings).held(), refused, books(settings).held():
        pass
    with books(settings).held():
        pass


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["close", "--month", "March"], "--month"),
        (["close", "--month", "2026-13"], "--month"),
        (["issue", "--month", "2026-03", "--at", "2026-04-01T06:00:00"], "--at"),
        (["invoice", "pay", "i1", "--amount", "0", "--reference", "r"], "--amount"),
        (["invoice", "pay", "i1", "--amount", "-5", "--reference", "r"], "--amount"),
        (["invoice", "pay", "i1", "--amount", "NaN", "--reference", "r"], "--amount"),
        (["invoice", "credit", "i1", "--amount", "1,5", "--reason", "r"], "--amount"),
        (["invoice", "write-off", "i1", "--amount", "Infinity"], "--amount"),
    ],
    ids=" ".join,
)
def test_an_argument_that_cannot_be_is_named(
    arguments: list[str], named: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("METERHOUSE_LANDING", str(settings.landing))
    monkeypatch.setenv("METERHOUSE_DB", str(settings.database))
    monkeypatch.setattr(billing, "locked_drafts", lambda *_: ["i1"])
    who = ["--decision", "d", "--actor", "a"]
    failed = CliRunner().invoke(app, [*arguments, *who]).exception
    assert isinstance(failed, MeterhouseError), failed
    assert str(failed).startswith(named)
    assert not settings.database.exists()
