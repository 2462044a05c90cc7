"""The outbox: a file that knows what was to be sent, what was sent, and what has arrived.

A request is written down before it goes out (`sent`) and again when the answer is there
(`delivered`), each time on disk before the next step. A process that dies between the two leaves
`sent`: the other side may have it or not, and whoever resumes must ask with the same key.

SQLite holds it: one writer at a time, and a commit that returned survives a power cut.
"""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from python_ext.errors import MeterhouseError
from python_ext.export_stripe import Request

SYNCHRONOUS = "extra"
"""A commit returns when the disk has it."""

SCHEMA = """
create table if not exists destination (name text not null);
create table if not exists requests (
    position integer primary key,
    request_id text not null unique,
    key text not null,
    path text not null,
    params text not null,
    source text not null,
    total integer,
    state text not null check (state in ('pending', 'sent', 'delivered')),
    attempt integer not null default 1,
    first_sent_at text,
    sent_path text,
    sent_params text,
    remote_id text
)
"""


class State(StrEnum):
    """Where a request is: not sent; sent, with no answer seen; arrived, with an id from there."""

    PENDING = "pending"
    SENT = "sent"
    DELIVERED = "delivered"


@dataclass(frozen=True)
class Entry:
    """A request and how far it is.

    `attempt` counts the keys that were used: see `key_of`. `sent_path` and `sent_params` are what
    went out, with the other side's ids, so that a second try is the same to the byte.
    """

    request: Request
    state: State
    attempt: int
    first_sent_at: datetime | None
    sent_path: str | None
    sent_params: dict[str, Any] | None
    remote_id: str | None


def key_of(request: Request, attempt: int) -> str:
    """The idempotency key of an attempt. The first has the request's own."""
    return request.key if attempt == 1 else f"{request.key}:{attempt}"


class Outbox:
    """The outbox in a file, made if it is not there. One process at a time has it open.

    `destination` says where it goes, for example a host and an account's mode: what was delivered
    there was not delivered elsewhere. Raises MeterhouseError for another destination than before,
    a file that another process has open, and one that is no outbox.
    """

    def __init__(self, path: Path, destination: str) -> None:
        self._path = path
        self._destination = destination
        self._connection: sqlite3.Connection | None = None

    def __enter__(self) -> Self:
        try:
            connection = sqlite3.connect(self._path, timeout=0, isolation_level=None)
            self._connection = connection
            connection.execute("pragma locking_mode = exclusive")
            # A journal that stays costs no change of the folder at each commit, only a sync.
            connection.execute("pragma journal_mode = persist")
            connection.execute(f"pragma synchronous = {SYNCHRONOUS}")
            connection.execute("begin exclusive")
            for statement in SCHEMA.split(";"):
                connection.execute(statement)
            found = connection.execute("select name from destination").fetchone()
            if found is None:
                connection.execute("insert into destination values (?)", (self._destination,))
            connection.execute("commit")
        except sqlite3.OperationalError as error:
            self._close()
            raise MeterhouseError(
                str(self._path),
                f"the outbox cannot be opened ({error})",
                "let the other process that has it open end, or name a folder that exists",
            ) from None
        except sqlite3.DatabaseError as error:
            self._close()
            raise MeterhouseError(
                str(self._path), f"the file is no outbox ({error})", "name another one"
            ) from None
        if found is not None and found[0] != self._destination:
            self._close()
            raise MeterhouseError(
                str(self._path),
                f"the outbox belongs to {found[0]}, not to {self._destination}",
                "name another outbox, one for each destination",
            )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._close()

    def add(self, requests: Iterable[Request]) -> int:
        """Write down requests that are not known yet; returns how many.

        One that is known stays as it was first written. Raises MeterhouseError where it came from
        a document with another digest: what was issued does not change.
        """
        known = dict(self._rows("select request_id, source from requests"))
        added = 0
        self._db.execute("begin")
        try:
            for request in requests:
                if request.request_id not in known:
                    self._db.execute(
                        "insert into requests (request_id, key, path, params, source, total, state)"
                        " values (?, ?, ?, ?, ?, ?, 'pending')",
                        (
                            request.request_id,
                            request.key,
                            request.path,
                            json.dumps(request.params),
                            request.source,
                            request.total,
                        ),
                    )
                    added += 1
                elif known[request.request_id] != request.source:
                    raise MeterhouseError(
                        str(self._path),
                        f"{request.request_id} was written down from a document with another"
                        " digest; an issued document never changes",
                        "restore the document as it was issued, and correct it with a memo",
                    )
        except BaseException:
            self._db.execute("rollback")
            raise
        self._db.execute("commit")
        return added

    def entries(self, state: State | None = None) -> list[Entry]:
        """Entries in the order in which they were added; of one state, or all."""
        rows = self._rows(
            "select request_id, key, path, params, source, total, state, attempt, first_sent_at,"
            " sent_path, sent_params, remote_id from requests"
            " where ? is null or state = ? order by position",
            (state, state),
        )
        return [
            Entry(
                Request(row[0], row[1], row[2], json.loads(row[3]), row[4], row[5]),
                State(row[6]),
                row[7],
                datetime.fromisoformat(row[8]) if row[8] else None,
                row[9],
                json.loads(row[10]) if row[10] else None,
                row[11],
            )
            for row in rows
        ]

    def unfinished(self) -> list[Entry]:
        """Entries that have not arrived, in order."""
        return [entry for entry in self.entries() if entry.state is not State.DELIVERED]

    def remote_ids(self) -> dict[str, str]:
        """The other side's id of each request that has arrived."""
        return dict(
            self._rows("select request_id, remote_id from requests where state = 'delivered'")
        )

    def mark_sent(
        self, request_id: str, path: str, params: dict[str, Any], at: datetime, attempt: int
    ) -> None:
        """On disk before the request goes out: what goes out, when, and under which key."""
        self._db.execute(
            "update requests set state = 'sent', sent_path = ?, sent_params = ?, first_sent_at = ?,"
            " attempt = ? where request_id = ? and state <> 'delivered'",
            (path, json.dumps(params), at.astimezone(UTC).isoformat(), attempt, request_id),
        )

    def mark_refused(self, request_id: str) -> None:
        """The other side said no, for certain: it may go out anew, made up anew, as a new try."""
        self._db.execute(
            "update requests set state = 'pending', attempt = attempt + 1, sent_path = null,"
            " sent_params = null, first_sent_at = null where request_id = ? and state = 'sent'",
            (request_id,),
        )

    def mark_delivered(self, request_id: str, remote_id: str) -> None:
        """The request has arrived, and the other side calls it `remote_id`."""
        self._db.execute(
            "update requests set state = 'delivered', remote_id = ? where request_id = ?",
            (remote_id, request_id),
        )

    @property
    def _db(self) -> sqlite3.Connection:
        if self._connection is None:
            raise ValueError("the outbox is not open")
        return self._connection

    def _rows(self, query: str, values: tuple[Any, ...] = ()) -> list[Any]:
        return self._db.execute(query, values).fetchall()

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
