"""Writing documents for their readers: found in the books, rendered, put side by side.

Sending is an act and needs a decision; looking at a document is none.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from python_ext import annexes, billing, documents, rendering
from python_ext.billing import POLICY, Act, Authority, Books
from python_ext.document_bodies import rows
from python_ext.document_sheets import DRAFT, VOID, Around
from python_ext.errors import MeterhouseError
from python_ext.issued_documents import read_bodies

Body = Mapping[str, Any]

ISSUED = """
    select * from fct_documents
    where (document_id = $name or document_number = $name or invoice_id = $name)
        and (cast($version as integer) is null or version = $version)
    order by is_void, version desc, document_id
    limit 1
"""

VERSIONS = (
    "select invoice_id, version, document_number from fct_documents where invoice_id = any(?)"
)

DRAFTED = """
    select 1 from fct_invoices
    where status = 'draft' and invoice_id = $name
        and (cast($version as integer) is null or version = $version)
"""


@dataclass(frozen=True)
class Wanted:
    """Which document: an invoice_id, document_id or number, and a version of it, else the newest.

    `logo` is the text of an SVG file. The usage annex may be left out.
    """

    name: str
    version: int | None = None
    logo: str | None = None
    has_annex: bool = True


@dataclass(frozen=True)
class Sent:
    """The files written, and the act that says so; none where a document was only looked at."""

    paths: tuple[Path, ...]
    document_number: str
    action_id: str | None = None


def send(books: Books, wanted: Wanted, folder: Path, authority: Authority) -> Sent:
    """Write an issued invoice below `folder` as HTML and PDF, then land that it is sent.

    Twice the same is once: the files have the same bytes, and the act stands. Where no decision
    allows it, the files that this made go again. Raises MeterhouseError for an invoice that is not
    issued or is void.
    """
    with books.held():
        at = billing.stamp_of(books.settings, authority)
        with books.reading() as connection:
            found = _issued(connection, wanted)
            if found is None or found["document_kind"] != "invoice":
                raise _missing(wanted, "no invoice is issued under this name")
            if found["is_void"]:
                raise MeterhouseError(
                    found["document_number"],
                    "it is void, and asks for nothing",
                    "send the version that replaces it; meterhouse invoice render shows it",
                )
            rendered = _rendered(books, connection, found, wanted, "")
        said = {"version": str(found["version"]), "currency_code": found["currency_code"]}
        act = Act("send_invoice", "invoice", found["invoice_id"], said)
        with _written(folder, found["document_number"], rendered) as paths:
            (action_id,) = books.act([act], authority, at, POLICY)
    return Sent(paths, found["document_number"], action_id)


def render(books: Books, wanted: Wanted, folder: Path) -> Sent:
    """Write any document below `folder`: an invoice, a memo, a draft with its stamp."""
    with books.held(), books.reading() as connection:
        found = _issued(connection, wanted)
        parameters = {"name": wanted.name, "version": wanted.version}
        drafted = connection.execute(DRAFTED, parameters).fetchone()
        if drafted and (found is None or found["is_void"]):
            (drafted_body,) = billing.preview(connection, [wanted.name])
            body = json.loads(documents.canonical(drafted_body))
            body |= {"document_number": DRAFT.title()}
            around = Around(_annex(connection, body, wanted, wanted.name), DRAFT)
            rendered = rendering.render(body, "", around, wanted.logo)
            number = f"{DRAFT}-{wanted.name}"
        elif found is not None:
            stamp = VOID if found["is_void"] else ""
            rendered = _rendered(books, connection, found, wanted, stamp)
            number = found["document_number"]
        else:
            raise _missing(wanted, "no document has this name")
    with _written(folder, number, rendered) as paths:
        return Sent(paths, number)


def _issued(connection: duckdb.DuckDBPyConnection, wanted: Wanted) -> dict[str, Any] | None:
    result = connection.execute(ISSUED, {"name": wanted.name, "version": wanted.version})
    names = [column[0] for column in result.description or ()]
    row = result.fetchone()
    return dict(zip(names, row, strict=True)) if row else None


def _missing(wanted: Wanted, rule: str) -> MeterhouseError:
    version = f", version {wanted.version}" if wanted.version else ""
    return MeterhouseError(
        f"{wanted.name}{version}", rule, "take one from fct_invoices or fct_documents"
    )


def _rendered(
    books: Books,
    connection: duckdb.DuckDBPyConnection,
    found: Mapping[str, Any],
    wanted: Wanted,
    stamp: str,
) -> rendering.Rendered:
    """From the landed body, whose digest is checked; nothing that came later is on it."""
    path = books.settings.landing / found["landed_file"]
    number, digest = found["document_number"], found["document_digest"]
    body = next((body for _, body, known in read_bodies(path) if known == digest), None)
    if body is None:
        raise MeterhouseError(
            str(path), f"it no longer holds document {number}", "restore the file as it was issued"
        )
    around = Around(_annex(connection, body, wanted, number), stamp, *_named(connection, body))
    return rendering.render(body, digest, around, wanted.logo)


def _annex(
    connection: duckdb.DuckDBPyConnection, body: Body, wanted: Wanted, where: str
) -> tuple[annexes.Explanation, ...]:
    return annexes.read(connection, body, where) if wanted.has_annex else ()


def _named(
    connection: duckdb.DuckDBPyConnection, body: Body
) -> tuple[str, dict[tuple[str, int], str]]:
    """The number of the version before, and of what a memo corrects."""
    ids = {line.get("corrects_invoice_id") for line in body["lines"]} | {body["invoice_id"]}
    known = {
        (row["invoice_id"], row["version"]): row["document_number"]
        for row in rows(connection, VERSIONS, sorted(filter(None, ids)))
    }
    return known.get((body["invoice_id"], (body["version"] or 0) - 1), ""), known


@contextmanager
def _written(folder: Path, number: str, rendered: rendering.Rendered) -> Iterator[tuple[Path, ...]]:
    """Both files, each whole or not at all. Those that are new go again where the block fails."""
    name = number.replace("/", "_").replace(os.sep, "_")
    contents = {
        folder / f"{name}.html": rendered.html.encode(),
        folder / f"{name}.pdf": rendered.pdf,
    }
    folder.mkdir(parents=True, exist_ok=True)
    added = [path for path in contents if not path.exists()]
    try:
        for path, content in contents.items():
            _write(path, content)
        yield tuple(contents)
    except BaseException:
        for path in added:
            path.unlink(missing_ok=True)
        raise


def _write(path: Path, content: bytes) -> None:
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with partial.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
