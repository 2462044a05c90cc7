"""The commands of the billing service: meterhouse close, issue and invoice."""

import os
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from python_ext import billing, cost_close, documents, revenue_close
from python_ext.billing import Authority, Books, Credit, Landed
from python_ext.errors import MeterhouseError
from python_ext.settings import from_environment

Decision = Annotated[
    str, typer.Option("--decision", help="The policy decision that allows it.", show_default=False)
]
Actor = Annotated[str, typer.Option("--actor", help="Who does it.", show_default=False)]
At = Annotated[
    str | None,
    typer.Option(help="When, ISO 8601; else right after the newest batch.", show_default=False),
]
Month = Annotated[str, typer.Option("--month", help="YYYY-MM.", show_default=False)]
Tenant = Annotated[str | None, typer.Option(help="Only this one.", show_default=False)]
InvoiceId = Annotated[str, typer.Argument(help="An invoice_id.", show_default=False)]
Amount = Annotated[
    str, typer.Option(help="In the currency of the invoice; above zero.", show_default=False)
]
Reference = Annotated[
    str,
    typer.Option(help="What tells it from others; twice the same is once.", show_default=False),
]

Out = Annotated[Path, typer.Option(help="Folder to write.", show_default=False)]
Version = Annotated[int | None, typer.Option(help="Else the newest.", show_default=False)]
Logo = Annotated[
    Path | None,
    typer.Option(help="An SVG file; else a mark is drawn from the name.", show_default=False),
]
NoAnnex = Annotated[bool, typer.Option("--no-annex", help="Leave the usage annex out.")]

invoice = typer.Typer(no_args_is_help=True, help="Issue invoices, and do what follows them.")


class Which(StrEnum):
    """The books that a month is closed in."""

    USAGE = "usage"
    COST = "cost"
    REVENUE = "revenue"


def close(
    month: Month,
    decision: Decision,
    actor: Actor,
    books: Annotated[Which, typer.Option(help="What is closed.")] = Which.USAGE,
    tenant: Tenant = None,
    at: At = None,
) -> None:
    """Lock what is billed up to a month's end, and issue memos of what came late.

    Or lock the month's cost, or its revenue.
    """
    authority = _authority(actor, decision, at)
    if books is not Which.USAGE:
        if tenant:
            raise MeterhouseError(
                "--tenant", f"{books.value} is closed for all tenants", "leave it out"
            )
        closing = cost_close.close if books is Which.COST else revenue_close.close
        _say(closing(_books(), _month(month), authority))
        return
    _say(billing.close(_books(), _month(month), tenant, authority))


def issue(
    month: Month, decision: Decision, actor: Actor, tenant: Tenant = None, at: At = None
) -> None:
    """Issue all invoices that closing locked, up to a month's end."""
    books = _books()
    found = billing.locked_drafts(books, _month(month), tenant)
    if not found:
        typer.echo("nothing is locked and not issued")
        return
    _say(billing.issue(books, found, _authority(actor, decision, at)))


@invoice.command()
def generate(
    contract: Annotated[str, typer.Option(help="A contract_id.", show_default=False)],
    period: Annotated[str, typer.Option(help="Month of its end, YYYY-MM.", show_default=False)],
    preview: Annotated[bool, typer.Option("--preview", help="Show it, and write nothing.")] = False,
    decision: Annotated[str, typer.Option(help="The policy decision that allows it.")] = "",
    actor: Annotated[str, typer.Option(help="Who does it.")] = "",
    at: At = None,
) -> None:
    """Issue the invoice of a contract and month, locking what is not locked yet."""
    books = _books()
    found = billing.drafts_of(books, contract, _month(period))
    if preview:
        _show(books, found)
        return
    if not decision or not actor:
        raise MeterhouseError(
            "invoice generate", "--decision and --actor are needed to issue", "or use --preview"
        )
    _say(billing.issue(books, found, _authority(actor, decision, at)))


@invoice.command()
def send(
    invoice_id: InvoiceId,
    out: Out,
    decision: Decision,
    actor: Actor,
    version: Version = None,
    logo: Logo = None,
    no_annex: NoAnnex = False,
    at: At = None,
) -> None:
    """Write an issued invoice as HTML and PDF, with its usage annex, and record it as sent."""
    from python_ext import sending  # fonts and templates take a while to load

    wanted = sending.Wanted(invoice_id, version, _svg(logo), not no_annex)
    done = sending.send(_books(), wanted, out, _authority(actor, decision, at))
    _wrote(done.paths)
    typer.echo(f"{done.document_number} sent: {done.action_id}")


@invoice.command()
def render(
    document: Annotated[
        str, typer.Argument(help="An invoice_id, memo_id or number.", show_default=False)
    ],
    out: Out,
    version: Version = None,
    logo: Logo = None,
    no_annex: NoAnnex = False,
) -> None:
    """Write any document as HTML and PDF, a draft under its stamp; nothing is recorded."""
    from python_ext import sending

    wanted = sending.Wanted(document, version, _svg(logo), not no_annex)
    _wrote(sending.render(_books(), wanted, out).paths)


@invoice.command()
def pay(
    invoice_id: InvoiceId,
    amount: Amount,
    reference: Reference,
    decision: Decision,
    actor: Actor,
    method: Annotated[str, typer.Option(help="How it was paid.")] = "bank_transfer",
    at: At = None,
) -> None:
    """Record a payment; what is above the amount due stays unapplied."""
    payload = {"amount": _plain(amount), "reference": reference, "method": method}
    _record("record_payment", invoice_id, payload, _authority(actor, decision, at))


@invoice.command()
def refund(
    payment_id: Annotated[str, typer.Argument(help="A payment_id.", show_default=False)],
    amount: Amount,
    reference: Reference,
    decision: Decision,
    actor: Actor,
    at: At = None,
) -> None:
    """Record that a payment was paid back, in part or whole."""
    payload = {"amount": _plain(amount), "reference": reference}
    action_id = billing.refund(_books(), payment_id, payload, _authority(actor, decision, at))
    typer.echo(f"recorded: {action_id}")


@invoice.command("write-off")
def write_off(
    invoice_id: InvoiceId,
    decision: Decision,
    actor: Actor,
    amount: Annotated[
        str | None, typer.Option(help="Else all that is open.", show_default=False)
    ] = None,
    at: At = None,
) -> None:
    """Give up what is open on an invoice."""
    payload = {"amount": _plain(amount)} if amount else {}
    _record("write_off", invoice_id, payload, _authority(actor, decision, at))


@invoice.command()
def credit(
    invoice_id: InvoiceId,
    amount: Amount,
    reason: Annotated[str, typer.Option(help="Why; it stands on the memo.", show_default=False)],
    decision: Decision,
    actor: Actor,
    line: Annotated[
        str | None, typer.Option(help="An invoice_line_id, for all of it.", show_default=False)
    ] = None,
    debit: Annotated[bool, typer.Option("--debit", help="Charge it instead.")] = False,
    service_month: Annotated[
        str | None,
        typer.Option(
            help="YYYY-MM in which a service failed: the credit lowers the revenue of that month.",
            show_default=False,
        ),
    ] = None,
    at: At = None,
) -> None:
    """Issue a memo that credits an amount, before tax, at most what is left of the invoice."""
    failed = _month(service_month) if service_month else None
    wanted = Credit(Decimal(_plain(amount)), reason, line, debit, failed)
    _say(billing.credit(_books(), {invoice_id: wanted}, _authority(actor, decision, at)))


@invoice.command()
def void(
    invoice_id: InvoiceId,
    decision: Decision,
    actor: Actor,
    waive: Annotated[bool, typer.Option("--waive", help="Do not ask for it again.")] = False,
    at: At = None,
) -> None:
    """Void the version of an invoice that is issued; its period is drafted again."""
    payload = {"waive": "true"} if waive else {}
    _record("void_invoice", invoice_id, payload, _authority(actor, decision, at))


@invoice.command()
def rebill(invoice_id: InvoiceId, decision: Decision, actor: Actor, at: At = None) -> None:
    """Issue the next version from what is rated now, and take the present one back by a memo."""
    _say(billing.rebill(_books(), invoice_id, _authority(actor, decision, at)))


def _record(action: str, invoice_id: str, payload: dict[str, str], authority: Authority) -> None:
    action_id = billing.record(_books(), action, invoice_id, payload, authority)
    typer.echo(f"recorded: {action_id}")


def _books() -> Books:
    from python_ext.cli import checked_catalogue  # which mounts these commands

    settings = from_environment(os.environ)
    return Books(settings, checked_catalogue(settings), Console(stderr=True))


def _authority(actor: str, decision: str, at: str | None) -> Authority:
    return Authority(actor, decision, _instant(at) if at else None)


def _instant(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise MeterhouseError(
            "--at",
            f"an ISO 8601 instant with an offset is expected, found {text}",
            "for example 2026-04-01T06:00:00Z",
        )
    return found.astimezone(UTC)


def _month(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m").date()
    except ValueError:
        raise MeterhouseError(
            "--month", f"a month is expected as YYYY-MM, found {text}", "for example 2026-03"
        ) from None


def _plain(text: str) -> str:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal(0)
    if not amount.is_finite() or amount <= 0:
        raise MeterhouseError(
            "--amount", f"an amount above zero is expected, found {text}", "for example 12.50"
        )
    return f"{amount:f}"


def _svg(path: Path | None) -> str | None:
    """The text of a logo. Raises MeterhouseError for a file that is not SVG."""
    if path is None:
        return None
    text = path.read_bytes().decode("utf-8", "replace")
    if "<svg" not in text:
        raise MeterhouseError(str(path), "a logo is an SVG file", "name one, or leave it out")
    return text


def _wrote(paths: Iterable[Path]) -> None:
    for path in paths:
        typer.echo(f"written: {path}")


def _say(landed: Landed) -> None:
    for path in landed.paths:
        typer.echo(f"landed: {path}")
    if landed.lock_count:
        typer.echo(f"{landed.lock_count:,} periods locked")
    numbers = landed.document_numbers
    if numbers:
        names = ", ".join(numbers) if len(numbers) <= 5 else f"{numbers[0]} to {numbers[-1]}"
        typer.echo(f"{len(numbers):,} documents issued: {names}")
    if not landed.paths:
        typer.echo("nothing to do: it was done before")
    else:
        Console(stderr=True).print("meterhouse build carries this on to the marts.")


def _show(books: Books, invoice_ids: list[str]) -> None:
    """The drafts, line by line, as they would be issued now."""
    console = Console(highlight=False, soft_wrap=True)
    with books.reading() as connection:
        for body in billing.preview(connection, invoice_ids):
            currency = body["currency_code"]
            table = Table(
                "line", "quantity", "amount", "tax", title=f"{body['contract_id']}, draft"
            )
            for line in body["lines"]:
                quantity = documents.plain(line["quantity"])
                table.add_row(line["description"], quantity, line["net_amount"], line["tax_amount"])
            console.print(table)
            console.print(
                f"{body['total_amount']} {currency}, of which tax {body['tax_amount']}; "
                f"due {body['amount_due']} {currency}"
            )
