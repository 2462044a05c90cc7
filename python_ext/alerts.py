"""What quality monitors found that nobody has been told yet: each finding is told once.

A ledger beside the data knows which findings were told where. A finding is written down before it
goes out and confirmed afterwards, so a run that dies between the two tells it again rather than
never. What is over is forgotten, and told again if it comes back.
"""

import hashlib
import json
import sqlite3
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import duckdb

from python_ext.errors import MeterhouseError

SEVERITIES = ("error", "warn", "info")
"""From the gravest on."""

TERMINAL = "terminal"
"""The destination of what is printed."""

LINES_A_MESSAGE = 20
"""A chat cuts long messages; this many findings fit one."""

TIMEOUT_SECONDS = 20

FINDINGS = """
    select finding_id, monitor, severity, subject_type, subject_id, evidence, remedy,
        cast(first_seen_date as varchar), cast(last_seen_date as varchar)
    from fct_quality_findings
    where is_open
    order by list_position(['error', 'warn', 'info'], severity), monitor, subject_id
"""

SCHEMA = """
create table if not exists told (
    destination text not null,
    finding_id text not null,
    severity text not null,
    is_confirmed integer not null default 0,
    primary key (destination, finding_id)
)
"""


@dataclass(frozen=True)
class Finding:
    """An open row of fct_quality_findings; dates are ISO 8601."""

    finding_id: str
    monitor: str
    severity: str
    subject_type: str
    subject_id: str
    evidence: str
    remedy: str
    first_seen_date: str
    last_seen_date: str

    def line(self) -> str:
        """One line of text, as it is printed and posted."""
        return (
            f"{self.severity}: {self.monitor}, {self.subject_type} {self.subject_id}:"
            f" {self.evidence} ({self.first_seen_date} to {self.last_seen_date}). {self.remedy}"
        )


def open_findings(published: Path, least: str) -> list[Finding]:
    """The open findings of a severity of `least` or graver, gravest first.

    Raises MeterhouseError where there is no published file or no findings in it.
    """
    if not published.is_file():
        raise MeterhouseError(str(published), "nothing is published", "run meterhouse build")
    try:
        with closing(duckdb.connect(published, read_only=True)) as connection:
            rows = connection.execute(FINDINGS).fetchall()
    except duckdb.CatalogException:
        raise MeterhouseError(
            str(published), "there is no fct_quality_findings in it", "run meterhouse build"
        ) from None
    wanted = SEVERITIES[: SEVERITIES.index(least) + 1]
    return [found for found in (Finding(*row) for row in rows) if found.severity in wanted]


class Ledger:
    """Which findings were told at one destination. One process at a time has the file open."""

    def __init__(self, connection: sqlite3.Connection, destination: str) -> None:
        self._db = connection
        self._destination = destination

    def new(self, findings: Sequence[Finding]) -> list[Finding]:
        """Those that were not told, or were told as less grave, or may not have arrived."""
        told = dict(
            self._db.execute(
                "select finding_id, severity from told where destination = ? and is_confirmed",
                (self._destination,),
            )
        )
        return [
            found
            for found in findings
            if SEVERITIES.index(found.severity)
            < SEVERITIES.index(told.get(found.finding_id, "info")) + (found.finding_id not in told)
        ]

    def forget_all_but(self, findings: Sequence[Finding]) -> int:
        """Forget what is over; returns how many that are."""
        is_open = {found.finding_id for found in findings}
        known = self._db.execute(
            "select finding_id from told where destination = ?", (self._destination,)
        ).fetchall()
        over = [(self._destination, row[0]) for row in known if row[0] not in is_open]
        self._db.executemany("delete from told where destination = ? and finding_id = ?", over)
        return len(over)

    def write_down(self, findings: Sequence[Finding], *, is_confirmed: bool) -> None:
        """On disk when it returns."""
        self._db.execute("begin")
        self._db.executemany(
            "insert or replace into told values (?, ?, ?, ?)",
            [
                (self._destination, found.finding_id, found.severity, is_confirmed)
                for found in findings
            ],
        )
        self._db.execute("commit")


@contextmanager
def ledger(path: Path, destination: str) -> Iterator[Ledger]:
    """The ledger in a file, made if it is not there.

    Raises MeterhouseError for a file that another process has open and one that is no ledger.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as connection:
        try:
            connection.execute("pragma locking_mode = exclusive")
            connection.execute("pragma synchronous = extra")
            connection.execute("begin exclusive")
            connection.execute(SCHEMA)
            connection.execute("commit")
        except sqlite3.OperationalError as error:
            raise MeterhouseError(
                str(path),
                f"the ledger of alerts cannot be opened ({error})",
                "let the other process that has it open end",
            ) from None
        except sqlite3.DatabaseError as error:
            raise MeterhouseError(
                str(path), f"the file is no ledger of alerts ({error})", "name another one"
            ) from None
        yield Ledger(connection, destination)


def destination_of(webhook: str | None) -> str:
    """What stands for a webhook in the ledger: its host and a digest, for its path is a secret.

    Raises MeterhouseError for an address that is not http or https.
    """
    if webhook is None:
        return TERMINAL
    parts = urlsplit(webhook)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise MeterhouseError(
            "--webhook", "an http or https address is expected", "copy it from the chat's settings"
        )
    return f"{parts.hostname} {hashlib.sha256(webhook.encode()).hexdigest()[:16]}"


def messages(findings: Sequence[Finding]) -> Iterator[tuple[Sequence[Finding], bytes]]:
    """Findings and the JSON that tells them, as Slack's incoming webhooks read it.

    `text` is all that Slack needs; `findings` has the same for others.
    """
    for start in range(0, len(findings), LINES_A_MESSAGE):
        part = findings[start : start + LINES_A_MESSAGE]
        text = "\n".join(_without_markup(found.line()) for found in part)
        body = {"text": text, "findings": [vars(found) for found in part]}
        yield part, json.dumps(body, ensure_ascii=False).encode()


def _without_markup(text: str) -> str:
    """What Slack would read as a link or a mention is written out."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def post(webhook: str, body: bytes) -> None:
    """Send one message. Raises MeterhouseError unless the answer says that it has arrived."""
    request = urllib.request.Request(
        webhook, body, {"Content-Type": "application/json; charset=utf-8"}
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS):
            return
    except (urllib.error.URLError, OSError) as error:
        reason = f"HTTP {error.code}" if isinstance(error, urllib.error.HTTPError) else str(error)
        raise MeterhouseError(
            f"webhook at {urlsplit(webhook).hostname}",
            f"the alert was not taken ({reason})",
            "correct the address or wait; the next run sends it again",
        ) from None
