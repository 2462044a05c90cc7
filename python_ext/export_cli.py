"""meterhouse export stripe, chargebee, netsuite, journal and focus-splits, and push stripe."""

import json
import os
from collections.abc import Iterable
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import duckdb
import typer

from python_ext import (
    export_chargebee,
    export_journal,
    export_netsuite,
    export_stripe,
    focus_splits,
    issued_documents,
    journal_read,
)
from python_ext.errors import MeterhouseError
from python_ext.issued_documents import Document
from python_ext.outbox import Outbox
from python_ext.settings import Settings, from_environment

app = typer.Typer(no_args_is_help=True)
push_app = typer.Typer(no_args_is_help=True, help="Send what was issued to another system.")

Out = Annotated[Path, typer.Option(help="Folder to write.", show_default=False)]
From = Annotated[
    str | None,
    typer.Option("--from", help="First day of issue, YYYY-MM-DD (UTC).", show_default=False),
]
To = Annotated[
    str | None,
    typer.Option("--to", help="End of the range, exclusive.", show_default=False),
]


@app.command("stripe")
def export_stripe_files(out: Out, start: From = None, end: To = None) -> None:
    """Write the requests that push stripe would send, in order, and what Stripe cannot hold."""
    documents, voided_at = _in_force(from_environment(os.environ))
    chosen = _issued_between(documents, start, end)
    plan = export_stripe.plan(documents, voided_at, {document.document_id for document in chosen})
    by_kind: dict[str, list[dict[str, Any]]] = {name: [] for name in FILES_OF_STRIPE.values()}
    for position, request in enumerate(plan.requests, 1):
        fields = asdict(request)
        del fields["total"], fields["source"]
        by_kind[FILES_OF_STRIPE.get(request.kind, "steps")].append({"position": position} | fields)
    for name, lines in by_kind.items():
        _write(out / f"{name}.ndjson", _ndjson(lines))
    _finish(out, len(chosen), [asdict(problem) for problem in plan.problems])


@app.command("chargebee")
def export_chargebee_files(out: Out, start: From = None, end: To = None) -> None:
    """Write payloads of Chargebee's import_invoice and import_credit_note."""
    documents, voided_at = _in_force(from_environment(os.environ))
    chosen = {document.document_id for document in _issued_between(documents, start, end)}
    imports, problems = export_chargebee.imports(documents, voided_at)
    for name, path in (
        ("import_invoice", "/invoices/import_invoice"),
        ("import_credit_note", "/credit_notes/import_credit_note"),
    ):
        lines = [
            made.payload for made in imports if made.path == path and made.document_id in chosen
        ]
        _write(out / f"{name}.ndjson", _ndjson(lines))
    _finish(
        out,
        len(chosen),
        [asdict(problem) for problem in problems if problem.document_id in chosen],
    )


@app.command("netsuite")
def export_netsuite_files(out: Out, start: From = None, end: To = None) -> None:
    """Write CSV files for NetSuite's import: invoices and credit memos."""
    documents, voided_at = _in_force(from_environment(os.environ))
    chosen = _issued_between(documents, start, end)
    rows = export_netsuite.rows(documents, voided_at, {document.document_id for document in chosen})
    _write(out / "invoices.csv", export_netsuite.as_csv(rows.invoices))
    _write(out / "credit_memos.csv", export_netsuite.as_csv(rows.credit_memos))
    _finish(out, len(chosen), [])


@app.command("journal")
def export_journal_file(
    month: Annotated[
        str, typer.Option(help="Month that is posted in, YYYY-MM.", show_default=False)
    ],
    out: Annotated[Path, typer.Option(help="A .csv file.", show_default=False)],
    subsidiary: Annotated[
        str | None,
        typer.Option(help="Issuing entity of cost, and of what names none.", show_default=False),
    ] = None,
) -> None:
    """Write a month of the journal as a CSV file for NetSuite's import of journal entries."""
    published = from_environment(os.environ).published / "meterhouse.duckdb"
    exported = export_journal.rows(journal_read.read(published, _month(month), subsidiary))
    _write(out, export_journal.as_csv(exported.rows))
    typer.echo(f"entries: {exported.entry_count:,}, rows: {len(exported.rows):,}, file: {out}")
    if exported.too_small:
        typer.echo(
            f"left out, as less than half a minor unit: {len(exported.too_small):,} entries,"
            f" first {exported.too_small[0]}",
            err=True,
        )


@app.command("focus-splits")
def export_focus_splits(
    month: Annotated[
        str, typer.Option(help="Month that cost is posted in, YYYY-MM.", show_default=False)
    ],
    out: Annotated[Path, typer.Option(help="A .parquet or .csv file.", show_default=False)],
) -> None:
    """Write a month's statement rows as FOCUS 1.3, shared ones as a row for each who bears them."""
    settings = from_environment(os.environ)
    published = settings.published / "meterhouse.duckdb"
    written = focus_splits.write(published, settings.landing, _month(month), out)
    typer.echo(f"charges: {written.charge_count:,}, rows: {written.row_count:,}, file: {out}")
    if written.pools_out_of_range:
        typer.echo(
            f"no AllocatedMethodDetails for {len(written.pools_out_of_range):,} pools, as ratios of"
            f" 0 to 1 cannot say their parts: {', '.join(written.pools_out_of_range)}",
            err=True,
        )


@push_app.command("stripe")
def push_stripe_requests(
    outbox: Annotated[
        Path, typer.Option(help="File that knows what was sent.", show_default=False)
    ],
    api_base: Annotated[
        str, typer.Option("--api-base", help="Address of the API.")
    ] = "https://api.stripe.com",
) -> None:
    """Send issued documents to Stripe, each once; the key comes from STRIPE_API_KEY."""
    try:
        from python_ext import push_stripe  # an extra, and slow to load
    except ImportError:
        raise MeterhouseError(
            "stripe", "the client is not installed", "pip install 'meterhouse[stripe]'"
        ) from None

    api_key = os.environ.get("STRIPE_API_KEY", "")
    if not api_key:
        raise MeterhouseError("STRIPE_API_KEY", "it is not set", "set it to a secret key")
    documents, voided_at = _in_force(from_environment(os.environ))
    plan = export_stripe.plan(documents, voided_at)
    mode = "_".join(api_key.split("_")[:2])  # sk_test and sk_live are different accounts
    with Outbox(outbox, f"{api_base} {mode}") as opened:
        opened.add(plan.requests)
        pushed = push_stripe.Pusher(api_key, api_base).push(opened)
    for problem in plan.problems:
        typer.echo(f"not sent: {problem.document_id}: {problem.reason}", err=True)
    typer.echo(
        f"requests delivered: {pushed.delivered:,}, before: {pushed.before:,}, documents that"
        f" Stripe cannot hold: {len(plan.problems):,}"
    )


DOCUMENTS_TABLE = "fct_documents"
"""One row per document whose action is in force: document_id, voided_at (null if it is not)."""

FILES_OF_STRIPE = {
    "customer": "customers",
    "invoice": "invoices",
    "item": "invoice_items",
    "note": "credit_notes",
    "": "steps",
}
"""Kind of a request -> the file that it is written to; finalising and voiding are steps."""


def _in_force(settings: Settings) -> tuple[list[Document], dict[str, datetime]]:
    """The documents that count, and when those that were voided were.

    Where the warehouse is published and knows documents, it decides: an action that lost its
    decision issues nothing. Without it every landed document counts.
    """
    states = _states(settings.published / "meterhouse.duckdb")
    if states is None:
        typer.echo(f"no {DOCUMENTS_TABLE} is published, so every landed document counts", err=True)
    return issued_documents.read(settings.landing, states), {
        name: at.replace(tzinfo=UTC) for name, at in (states or {}).items() if at is not None
    }


def _states(published: Path) -> dict[str, datetime | None] | None:
    if not published.is_file():
        return None
    with closing(duckdb.connect(published, read_only=True)) as connection:
        tables = {row[0] for row in connection.execute("show tables").fetchall()}
        if DOCUMENTS_TABLE not in tables:
            return None
        query = f"select document_id, voided_at from {DOCUMENTS_TABLE}"
        return dict(connection.execute(query).fetchall())


def _issued_between(
    documents: Iterable[Document], start: str | None, end: str | None
) -> list[Document]:
    first = _instant("--from", start) if start else datetime.min.replace(tzinfo=UTC)
    until = _instant("--to", end) if end else datetime.max.replace(tzinfo=UTC)
    return [document for document in documents if first <= document.issued_at < until]


def _instant(option: str, text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise MeterhouseError(
            option, f"a day reads YYYY-MM-DD, found {text}", "for example 2026-03-05"
        ) from None


def _month(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m").date()
    except ValueError:
        raise MeterhouseError(
            "--month", f"a month reads YYYY-MM, found {text}", "for example 2026-03"
        ) from None


def _ndjson(lines: Iterable[Any]) -> str:
    return "".join(
        json.dumps(line, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n"
        for line in lines
    )


def _write(path: Path, text: str) -> None:
    """A reader sees the file as it was or as it is, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(text, encoding="utf-8", newline="")
    partial.replace(path)


def _finish(out: Path, count: int, problems: list[dict[str, str]]) -> None:
    _write(out / "problems.ndjson", _ndjson(problems))
    for problem in problems:
        typer.echo(f"left out: {problem['document_id']}: {problem['reason']}", err=True)
    typer.echo(f"documents: {count:,}, with a problem: {len(problems):,}, folder: {out}")
