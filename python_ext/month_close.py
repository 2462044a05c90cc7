"""Closing months: what stood when a month was closed is landed, and never changes.

A lock is a line for the month and one for each part of what it closes.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from python_ext.billing import Act, Authority, Books, Landed, refuse_unended, stamp_of

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Closing:
    """What is closed by the month. `parts` gives what the first line says besides, and the others.

    `open_months` is a query with the month up to which they are wanted, twice; `refuse` raises
    MeterhouseError for a month that cannot be closed yet.
    """

    books: str
    month_column: str
    select: tuple[str, ...]
    open_months: str
    parts: Callable[[duckdb.DuckDBPyConnection, date], tuple[Row, list[Row]]]
    refuse: Callable[[duckdb.DuckDBPyConnection, date], None] = lambda *_: None


def close(what: Closing, books: Books, month: date, authority: Authority) -> Landed:
    """Lock all months up to `month` that are open, each under its own lock.

    Months that were locked before stay as they are. Raises MeterhouseError for a month that has
    not ended, or that `what` refuses.
    """
    with books.held(what.select):
        at = stamp_of(books.settings, authority)
        refuse_unended(month, at)
        with books.reading() as connection:
            what.refuse(connection, month)
        payload = {"books": what.books, "month": f"{month:%Y-%m}", "tenant": "all"}
        act = Act("close_period", "period", f"{month:%Y-%m}", payload)
        (action_id,) = books.act([act], authority, at, what.select)
        said = {
            "locked_at": at,
            "action_id": action_id,
            "policy_decision_id": authority.policy_decision_id,
        }
        with books.reading() as connection:
            found = connection.execute(what.open_months, [month, month]).fetchall()
            months = [row[0] for row in found]
            bodies = [body for each in months for body in _bodies(what, connection, each, said)]
        return Landed(books.land("locks", at, bodies), lock_count=len(months))


def _bodies(
    what: Closing, connection: duckdb.DuckDBPyConnection, month: date, said: Row
) -> Iterator[Row]:
    """The lines of a month's lock."""
    lock: Row = {
        "books": what.books,
        "lock_id": f"{what.books}:{month:%Y-%m}",
        what.month_column: month,
    }
    header, parts = what.parts(connection, month)
    yield {**lock, **said, **header}
    for part in parts:
        yield {**lock, **part}
