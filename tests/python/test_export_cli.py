"""meterhouse export and meterhouse push, from a landing folder to files and to Stripe."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner, Result

from python_ext import export_cli
from python_ext.cli import app
from python_ext.errors import MeterhouseError
from tests.python.documents import body, land, line
from tests.python.stripe_server import Stripe, serve


@pytest.fixture(autouse=True)
def landing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two invoices, one of them internal, and a document that Stripe cannot hold."""
    folder = tmp_path / "landing"
    land(
        folder,
        [
            body("d1"),
            body("d2", is_internal=True),
            body("d3", [line(1, "5.124", "d3")], currency_code="KWD", minor_unit=3),
            body("d4", issued_at="2026-05-02T10:00:00Z"),
        ],
    )
    monkeypatch.setenv("METERHOUSE_LANDING", str(folder))
    monkeypatch.setenv("METERHOUSE_PUBLISHED", str(tmp_path / "published"))
    monkeypatch.setenv("STRIPE_API_KEY", "sk_test_1")
    return folder


@pytest.fixture
def account() -> Iterator[Stripe]:
    with serve() as served:
        yield served


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(each) for each in path.read_text(encoding="utf-8").splitlines()]


def publish(tmp_path: Path, rows: str) -> None:
    """What the warehouse says of documents."""
    folder = tmp_path / "published"
    folder.mkdir()
    with duckdb.connect(folder / "meterhouse.duckdb") as connection:
        connection.execute(
            f"create table {export_cli.DOCUMENTS_TABLE} (document_id text, voided_at timestamp)"
        )
        connection.execute(f"insert into {export_cli.DOCUMENTS_TABLE} values {rows}")


def test_stripe_files_are_the_requests_and_what_is_left_out(tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = run("export", "stripe", "--out", str(out))
    assert sorted(path.name for path in out.iterdir()) == [
        "credit_notes.ndjson",
        "customers.ndjson",
        "invoice_items.ndjson",
        "invoices.ndjson",
        "problems.ndjson",
        "steps.ndjson",
    ]
    assert [each["params"]["number"] for each in read(out / "invoices.ndjson")] == [
        "EU-d1",
        "EU-d4",
    ]
    assert [each["document_id"] for each in read(out / "problems.ndjson")] == ["d3"]
    assert "left out: d3: 5.124 KWD" in result.stderr
    everything = [line for path in out.iterdir() for line in read(path) if "position" in line]
    assert sorted(each["position"] for each in everything) == list(range(1, 8))


def test_a_range_is_half_open(tmp_path: Path) -> None:
    arguments = ("--from", "2026-04-02", "--to", "2026-05-02")
    run("export", "stripe", "--out", str(tmp_path / "out"), *arguments)
    invoices = read(tmp_path / "out" / "invoices.ndjson")
    assert [each["request_id"] for each in invoices] == ["invoice:d1"]


def test_a_day_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MeterhouseError, match="--from: a day reads YYYY-MM-DD, found May"):
        run("export", "netsuite", "--out", str(tmp_path), "--from", "May")


def test_chargebee_files(tmp_path: Path) -> None:
    run("export", "chargebee", "--out", str(tmp_path / "out"))
    numbers = [each["id"] for each in read(tmp_path / "out" / "import_invoice.ndjson")]
    assert numbers == ["EU-d1", "EU-d3", "EU-d4"]
    assert read(tmp_path / "out" / "import_credit_note.ndjson") == []


def test_netsuite_files(tmp_path: Path) -> None:
    run("export", "netsuite", "--out", str(tmp_path / "out"))
    with (tmp_path / "out" / "invoices.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["External ID"] for row in rows] == ["d1", "d3", "d4"]


def test_an_export_is_the_same_each_time(tmp_path: Path) -> None:
    for name in ("one", "two"):
        for system in ("stripe", "chargebee", "netsuite"):
            run("export", system, "--out", str(tmp_path / name / system))
    files = sorted(path for path in (tmp_path / "one").rglob("*") if path.is_file())
    assert len(files) == 12
    for path in files:
        other = tmp_path / "two" / path.relative_to(tmp_path / "one")
        assert path.read_bytes() == other.read_bytes()


def test_only_documents_in_force_are_exported(tmp_path: Path) -> None:
    publish(tmp_path, "('d1', null)")
    run("export", "netsuite", "--out", str(tmp_path / "out"))
    with (tmp_path / "out" / "invoices.csv").open(newline="") as stream:
        assert [row["External ID"] for row in csv.DictReader(stream)] == ["d1"]


def test_push_sends_each_document_once_and_voids_later(account: Stripe, tmp_path: Path) -> None:
    arguments = (
        *("push", "stripe", "--outbox", str(tmp_path / "outbox")),
        *("--api-base", account.address),
    )
    result = run(*arguments)
    assert "requests delivered: 7, before: 0, documents that Stripe cannot hold: 1" in result.stdout
    assert "not sent: d3" in result.stderr
    assert "requests delivered: 0, before: 7," in run(*arguments).stdout
    publish(tmp_path, "('d1', timestamp '2026-06-01 00:00:00'), ('d4', null)")
    assert "requests delivered: 1, before: 7," in run(*arguments).stdout
    assert [each["status"] for each in account.all("invoice")] == ["void", "open"]
    assert set(account.executed.values()) == {1}


def test_push_needs_a_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STRIPE_API_KEY")
    with pytest.raises(MeterhouseError, match="STRIPE_API_KEY: it is not set"):
        run("push", "stripe", "--outbox", str(tmp_path / "outbox"))


def test_a_live_key_does_not_go_on_with_a_test_outbox(
    account: Stripe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ("--outbox", str(tmp_path / "outbox"), "--api-base", account.address)
    run("push", "stripe", *arguments)
    monkeypatch.setenv("STRIPE_API_KEY", "sk_live_1")
    with pytest.raises(MeterhouseError, match="the outbox belongs to"):
        run("push", "stripe", *arguments)
