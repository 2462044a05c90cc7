"""Alerts: each open finding is told once, at each destination, and again if it comes back."""

import json
import sqlite3
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

import duckdb
import pytest
from typer.testing import CliRunner

from python_ext import alerts
from python_ext.cli import app
from python_ext.errors import MeterhouseError


class Chat(BaseHTTPRequestHandler):
    """A webhook that keeps what it gets, and answers what the test says."""

    bodies: ClassVar[list[Any]] = []
    status: ClassVar[int] = 200

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.status == 200:
            self.bodies.append(body)
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Silent."""


@pytest.fixture
def chat() -> Iterator[str]:
    Chat.bodies, Chat.status = [], 200  # type: ignore[misc]
    with HTTPServer(("127.0.0.1", 0), Chat) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/hooks/secret"
        server.shutdown()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("METERHOUSE_DB", str(tmp_path / "meterhouse.duckdb"))
    monkeypatch.setenv("METERHOUSE_PUBLISHED", str(tmp_path))
    monkeypatch.delenv("METERHOUSE_ALERT_WEBHOOK", raising=False)
    return tmp_path


def publish(folder: Path, *rows: tuple[str, str, bool]) -> None:
    """Findings by id, severity and whether they are open."""
    with duckdb.connect(folder / "meterhouse.duckdb") as connection:
        connection.execute("""
            create or replace table fct_quality_findings (
                finding_id varchar, monitor varchar, severity varchar, subject_type varchar,
                subject_id varchar, is_open boolean, evidence varchar, remedy varchar,
                occurrence_count bigint, seen_day_count bigint, first_seen_date date,
                last_seen_date date
            )""")
        for finding_id, severity, is_open in rows:
            connection.execute(
                "insert into fct_quality_findings values"
                " (?, 'drop', ?, 'tenant', '<a & b>', ?, 'gone', 'ask', 1, 1,"
                " date '2026-03-01', date '2026-03-02')",
                [finding_id, severity, is_open],
            )


def run(*arguments: str) -> tuple[list[str], str]:
    """The lines on standard output, and what the terminal is told."""
    result = CliRunner().invoke(app, ["alerts", *arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.stdout.splitlines(), result.stderr.strip()


def test_each_open_finding_is_printed_once_gravest_first(folder: Path) -> None:
    publish(
        folder, ("a", "warn", True), ("b", "error", True), ("c", "info", True), ("d", "warn", False)
    )
    lines, told = run()
    assert [line.split(":")[0] for line in lines] == ["error", "warn"]
    assert lines[0] == ("error: drop, tenant <a & b>: gone (2026-03-01 to 2026-03-02). ask")
    assert told == "2 new, 0 told before, 0 over"
    assert run() == ([], "0 new, 2 told before, 0 over")
    assert run("--severity", "info")[1] == "1 new, 2 told before, 0 over"


def test_what_was_over_is_told_again_and_what_got_worse_too(folder: Path) -> None:
    publish(folder, ("a", "warn", True), ("b", "warn", True))
    run()
    publish(folder, ("a", "warn", False), ("b", "error", True))
    assert run() == (
        ["error: drop, tenant <a & b>: gone (2026-03-01 to 2026-03-02). ask"],
        "1 new, 0 told before, 1 over",
    )
    publish(folder, ("a", "warn", True), ("b", "warn", True))
    assert run()[1] == "1 new, 1 told before, 0 over"


def test_a_webhook_gets_what_slack_reads_and_nothing_twice(folder: Path, chat: str) -> None:
    publish(folder, *((f"{number:02}", "warn", True) for number in range(21)))
    assert run("--webhook", chat) == ([], "21 new, 0 told before, 0 over")
    assert [len(body["findings"]) for body in Chat.bodies] == [20, 1]
    assert Chat.bodies[0]["text"].startswith("warn: drop, tenant &lt;a &amp; b&gt;: gone")
    assert Chat.bodies[1]["findings"][0]["finding_id"] == "20"
    assert run("--webhook", chat)[1] == "0 new, 21 told before, 0 over"
    assert len(Chat.bodies) == 2
    # The terminal is another destination.
    assert run()[1] == "21 new, 0 told before, 0 over"


def test_what_was_not_taken_is_sent_again_by_the_next_run(folder: Path, chat: str) -> None:
    publish(folder, ("a", "warn", True))
    Chat.status = 500  # type: ignore[misc]
    with pytest.raises(MeterhouseError, match="HTTP 500"):
        run("--webhook", chat)
    Chat.status = 200  # type: ignore[misc]
    assert run("--webhook", chat)[1] == "1 new, 0 told before, 0 over"
    assert [body["findings"][0]["finding_id"] for body in Chat.bodies] == ["a"]


def test_an_address_that_nobody_answers_is_told_without_its_path(folder: Path) -> None:
    publish(folder, ("a", "warn", True))
    with pytest.raises(MeterhouseError) as raised:
        run("--webhook", "http://127.0.0.1:1/hooks/secret")
    assert "secret" not in str(raised.value)
    with pytest.raises(MeterhouseError, match="http or https"):
        run("--webhook", "file:///etc/passwd")
    assert b"secret" not in (folder / "alerts.sqlite").read_bytes()


def test_a_ledger_is_for_one_process_and_is_a_ledger(folder: Path) -> None:
    publish(folder, ("a", "warn", True))
    ledger = folder / "alerts.sqlite"
    with alerts.ledger(ledger, "x"), pytest.raises(MeterhouseError, match="other process"):
        run()
    other = folder / "other"
    other.write_text("something else, longer than a header of a database would be " * 9)
    with pytest.raises(MeterhouseError, match="no ledger"):
        run("--ledger", str(other))
    with sqlite3.connect(ledger) as connection:
        assert connection.execute("select count(*) from told").fetchall() == [(0,)]


def test_without_findings_the_remedy_is_to_build(folder: Path) -> None:
    with pytest.raises(MeterhouseError, match="nothing is published"):
        run()
    duckdb.connect(folder / "meterhouse.duckdb").execute("create table fct_one as select 1").close()
    with pytest.raises(MeterhouseError, match="no fct_quality_findings"):
        run()
