"""The billing service: closing periods, issuing documents, and what people do about them.

A command appends what somebody did to `landing/actions/`, has the models judge it, and, where a
decision allows it, lands the documents that follow. It never writes a table: a build reads back
what was landed. Killed at any point, the same command takes up where it stopped.
"""

import fcntl
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console

from python_ext import document_bodies, documents
from python_ext.document_bodies import Issue, rows
from python_ext.errors import MeterhouseError
from python_ext.replay import next_stamp
from python_ext.settings import Settings

INSTANT = "%Y-%m-%dT%H:%M:%SZ"
GRACE = timedelta(hours=1)
"""How long after a month's end its usage may land before the month can be closed."""

INVOICING = (
    "+path:models/10_invoicing",
    "+dim_invoice_parties",
    "+fct_meter_reading_events",
)
"""What commands read: the chapter, and what only documents and their annexes say."""

POLICY = ("+fct_policy_effects",)

LAST_NUMBERS = """
    select number_series, max(number_in_series) from stg_landing__documents
    where number_series is not null
    group by number_series
"""

RATES = """
    select currency_code, usd_per_unit from fct_exchange_rates
    where rate_month = date_trunc('month', cast(? as timestamp))
"""

NOT_IN_FORCE = """
    select wanted.act_key, coalesce(effects.reason, 'its line was refused')
    from (select unnest(?) as act_key) as wanted
    left join fct_policy_effects as effects
        on effects.act_source = 'actions' and effects.act_key = wanted.act_key
    where effects.is_in_force is distinct from true
    order by wanted.act_key
"""

DUE_PERIODS = """
    select billed.billing_period_id
    from fct_periods_billed as billed
    inner join fct_billing_periods as periods using (billing_period_id)
    where billed.drafted_version = 1 and periods.bills_at <= ?
        and (cast(? as varchar) is null or periods.tenant_id = ?)
"""

LATE_MEMOS = """
    select distinct memo_id from fct_memos
    where status = 'draft' and memo_reason = 'late'
        and (cast(? as varchar) is null or tenant_id = ?)
"""

LOCKED_DRAFTS = """
    select invoices.invoice_id
    from fct_invoices as invoices
    inner join fct_periods_billed as billed using (billing_period_id)
    where invoices.status = 'draft' and invoices.lock_digest is not null
        and billed.rebill_action_id is null and invoices.period_end_at <= ?
        and (cast(? as varchar) is null or invoices.tenant_id = ?)
    order by invoices.period_end_at, invoices.contract_id, invoices.invoice_id
"""

OF_CONTRACT = """
    select invoices.invoice_id
    from fct_invoices as invoices
    where invoices.status = 'draft' and invoices.contract_id = ?
        and invoices.period_end_at > ? and invoices.period_end_at <= ?
    order by invoices.period_end_at, invoices.invoice_id
"""

MEMOS_OF = """
    select distinct memo_id, action_id from fct_memos
    where status = 'draft' and action_id in (select unnest(?))
    order by memo_id
"""

DRAFTS = """
    select invoice_id, billing_period_id, version, tax_amount, lock_digest, tenant_id
    from fct_invoices
    where status = 'draft' and invoice_id in (select unnest(?))
"""

PAYMENT = "select currency_code from fct_payments where payment_id = ?"

LIVE = """
    select invoice_id, version, status, currency_code, tenant_id from fct_invoices
    where invoice_id = ? and issued_at is not null and status <> 'void'
    order by version desc
    limit 1
"""

DONE = """
    select actions.action_id
    from fct_actions as actions
    inner join fct_policy_effects as effects
        on effects.act_source = 'actions' and effects.act_key = actions.action_id
    where effects.is_in_force and actions.action = ? and actions.subject_type = ?
        and actions.subject_id = ? and actions.payload = ?
    order by actions.acted_at
    limit 1
"""
"""An act in the same words, which a command that is run again takes for its own."""


@dataclass(frozen=True)
class Authority:
    """Who does it, by which decision, and when; without `at`, right after the newest batch."""

    actor_id: str
    policy_decision_id: str
    at: datetime | None = None


@dataclass(frozen=True, eq=False)
class Act:
    """Something that somebody does: an action of the interface, about a subject."""

    action: str
    subject_type: str
    subject_id: str
    payload: Mapping[str, str]

    def body(self, authority: Authority, at: datetime) -> dict[str, object]:
        """The line of `landing/actions/`; its id is a digest of what it says."""
        said = {
            "at": at,
            "actor_id": authority.actor_id,
            "action": self.action,
            "subject_type": self.subject_type,
            "subject_id": self.subject_id,
            "payload": dict(self.payload),
            "policy_decision_id": authority.policy_decision_id,
        }
        digest = hashlib.sha256(documents.canonical(said).encode()).hexdigest()
        return {"id": f"{self.action}-{digest[:24]}", **said}


@dataclass(frozen=True)
class Credit:
    """What is to be credited, before tax, of an invoice or of one of its lines; above zero.

    A credit for a service that failed names the first day of its month, whose revenue it lowers.
    """

    amount: Decimal
    reason: str
    line_id: str | None = None
    is_debit: bool = False
    service_month: date | None = None


@dataclass(frozen=True)
class Landed:
    """What a command landed: files, and the numbers of the documents in them."""

    paths: tuple[Path, ...]
    document_numbers: tuple[str, ...] = ()
    lock_count: int = 0


class Books:
    """The landing folder and the database that commands work on.

    With `is_built`, the database is taken to hold all that has landed before the command.
    """

    def __init__(
        self, settings: Settings, seeds: Path, console: Console, *, is_built: bool = False
    ) -> None:
        self.settings = settings
        self.seeds = seeds
        self.console = console
        self.is_built = is_built

    @contextmanager
    def held(self, select: Sequence[str] = INVOICING) -> Iterator[None]:
        """Bring `select` to what has landed, and keep other commands out meanwhile."""
        self.settings.database.parent.mkdir(parents=True, exist_ok=True)
        path = self.settings.database.with_name(f"{self.settings.database.name}.billing")
        with path.open("w") as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise MeterhouseError(
                    str(self.settings.database),
                    "another billing command is at work on it",
                    "wait for it, and run this again",
                ) from None
            if not self.is_built:
                self.build(select)
            yield

    def build(self, select: Sequence[str]) -> None:
        """Build `select`; data tests are for `meterhouse build`."""
        from python_ext import runner  # dbt takes seconds to load

        scope = runner.Scope(select=tuple(select), is_checked=False)
        result = runner.build(self.settings, self.seeds, scope, self.console)
        if not result.success:
            failure = result.failures[0]
            raise MeterhouseError(
                failure.name, failure.message, "run meterhouse build, which says more"
            )

    @contextmanager
    def reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with closing(duckdb.connect(self.settings.database, read_only=True)) as connection:
            yield connection

    def act(
        self, acts: Sequence[Act], authority: Authority, at: datetime, select: Sequence[str]
    ) -> list[str]:
        """Land `acts`, build `select`, and return their ids, in order, if all are in force.

        An act in the same words that is in force already stands for the new one, so that a command
        does its work once, however often it is run. Raises MeterhouseError with the reason where
        one is not in force; it stays on record.
        """
        with self.reading() as connection:
            done = [
                next(iter(connection.execute(DONE, self._words(act)).fetchall()), (None,))[0]
                for act in acts
            ]
        bodies = {
            act: act.body(authority, at) for act, known in zip(acts, done, strict=True) if not known
        }
        if bodies:
            self._land_acts(bodies, at)
            self.build(select)
            self._judge([str(body["id"]) for body in bodies.values()])
        return [known or str(bodies[act]["id"]) for act, known in zip(acts, done, strict=True)]

    def land(
        self, folder: str, at: datetime, bodies: Sequence[Mapping[str, object]]
    ) -> tuple[Path, ...]:
        """Land signed lines in one file named by their content; nothing where there are none."""
        if not bodies:
            return ()
        lines = [documents.signed_line(body) for body in bodies]
        name = hashlib.sha256("".join(lines).encode()).hexdigest()[:16]
        return (documents.land(self.settings.landing / folder, at, f"{name}.ndjson", lines),)

    def issue(
        self,
        connection: duckdb.DuckDBPyConnection,
        at: datetime,
        actions: Mapping[str, tuple[str, str]],
    ) -> Issue:
        """What documents issued at an instant need to know, with the last numbers given so far."""
        numbers = dict(connection.execute(LAST_NUMBERS).fetchall())
        return Issue(at, actions, numbers, dict(connection.execute(RATES, [at]).fetchall()))

    @staticmethod
    def _words(act: Act) -> list[str]:
        return [
            act.action,
            act.subject_type,
            act.subject_id,
            documents.canonical(dict(act.payload)),
        ]

    def _land_acts(self, bodies: Mapping[Act, Mapping[str, object]], at: datetime) -> None:
        lines = [documents.canonical(body) + "\n" for body in bodies.values()]
        name = hashlib.sha256("".join(lines).encode()).hexdigest()[:16]
        documents.land(self.settings.landing / "actions", at, f"{name}.ndjson", lines)

    def _judge(self, action_ids: list[str]) -> None:
        with self.reading() as connection:
            reasons = dict(connection.execute(NOT_IN_FORCE, [action_ids]).fetchall())
        if reasons:
            name, reason = next(iter(reasons.items()))
            others = f" (and {len(reasons) - 1} more)" if len(reasons) > 1 else ""
            raise MeterhouseError(
                f"{name}{others}",
                f"no decision in force allows it: {reason}",
                "land a decision that does, and run this again; the attempt is on record",
            )


@dataclass(frozen=True)
class _Draft:
    """An invoice that is drafted; `tax_amount` is None where a rate is missing."""

    billing_period_id: str
    version: int
    tax_amount: Decimal | None
    lock_digest: str | None
    tenant_id: str


def stamp_of(settings: Settings, authority: Authority) -> datetime:
    """The landing stamp of a command: later than all that has landed, whatever the clock says."""
    earliest = next_stamp(settings.landing)
    if authority.at is None:
        return earliest
    if authority.at < earliest:
        raise MeterhouseError(
            "--at",
            f"{authority.at:{INSTANT}} is before {earliest:{INSTANT}}, which is "
            "right after the newest batch",
            "name a later instant, or leave it out",
        )
    return authority.at.astimezone(UTC).replace(microsecond=0)


def refuse_unended(month: date, at: datetime) -> None:
    """Raise MeterhouseError for a month whose facts may still land at an instant."""
    closes_at = next_month(month) + GRACE
    if at < closes_at:
        raise MeterhouseError(
            f"{month:%Y-%m}",
            f"a month can be closed an hour after its end, at {closes_at:{INSTANT}}, "
            f"and by what landed last it is {at:{INSTANT}}",
            "close it when later batches have landed, or name --at",
        )


def close(books: Books, month: date, tenant_id: str | None, authority: Authority) -> Landed:
    """Lock what is billed up to a month's end, and issue what came late for invoices before.

    Periods that were locked before stay as they are. Raises MeterhouseError for a month whose
    usage may still land.
    """
    ends_at = next_month(month)
    with books.held():
        at = stamp_of(books.settings, authority)
        refuse_unended(month, at)
        subject = f"{month:%Y-%m}" + (f":{tenant_id}" if tenant_id else "")
        payload = {"books": "usage", "month": f"{month:%Y-%m}", "tenant": tenant_id or "all"}
        act = Act("close_period", "period", subject, payload)
        (action_id,) = books.act([act], authority, at, POLICY)
        action = action_id, authority.policy_decision_id
        with books.reading() as connection:
            wanted = [ends_at.replace(tzinfo=None), tenant_id, tenant_id]
            periods = [row[0] for row in connection.execute(DUE_PERIODS, wanted).fetchall()]
            locks = list(document_bodies.lock_bodies(connection, periods, at, action))
            memos = [
                row[0] for row in connection.execute(LATE_MEMOS, [tenant_id, tenant_id]).fetchall()
            ]
            issue = books.issue(connection, at, dict.fromkeys(memos, action))
            issued = list(document_bodies.memo_bodies(connection, memos, issue))
        paths = books.land("issued", at, issued) + books.land("locks", at, locks)
    return _landed(paths, issued, len(locks))


def issue(books: Books, invoice_ids: Sequence[str], authority: Authority) -> Landed:
    """Issue invoices that are drafted: each gets a number and is landed as it stands.

    A period that no close has locked is locked now. Raises MeterhouseError where an invoice is not
    drafted, or its tax is unknown.
    """
    with books.held():
        at = stamp_of(books.settings, authority)
        with books.reading() as connection:
            drafts = _drafts(connection, invoice_ids)
        acts = [
            Act("issue_invoice", "invoice", name, {"version": str(drafts[name].version)})
            for name in invoice_ids
        ]
        ids = books.act(acts, authority, at, POLICY)
        actions = {
            name: (action_id, authority.policy_decision_id)
            for name, action_id in zip(invoice_ids, ids, strict=True)
        }
        return _issue(books, at, actions, drafts)


def locked_drafts(books: Books, month: date, tenant_id: str | None) -> list[str]:
    """The invoices whose periods ended by a month's end, are locked and not issued."""
    ends_at = next_month(month).replace(tzinfo=None)
    with books.held(), books.reading() as connection:
        found = connection.execute(LOCKED_DRAFTS, [ends_at, tenant_id, tenant_id]).fetchall()
    return [row[0] for row in found]


def drafts_of(books: Books, contract_id: str, month: date) -> list[str]:
    """The drafts of a contract whose period ends in a month. Raises MeterhouseError for none."""
    starts_at = datetime(month.year, month.month, 1)
    ends_at = next_month(month).replace(tzinfo=None)
    with books.held(), books.reading() as connection:
        found = connection.execute(OF_CONTRACT, [contract_id, starts_at, ends_at]).fetchall()
    if not found:
        raise MeterhouseError(
            f"{contract_id} in {month:%Y-%m}",
            "no invoice of it is drafted",
            "name a contract and a month that fct_invoices shows as draft",
        )
    return [row[0] for row in found]


def rebill(books: Books, invoice_id: str, authority: Authority) -> Landed:
    """Issue the next version of an invoice, from what is rated now, and take the present one back.

    One memo takes back the present version and every memo that was issued for it.
    """
    with books.held():
        at = stamp_of(books.settings, authority)
        with books.reading() as connection:
            version = live(connection, invoice_id)["version"]
        act = Act("rebill_invoice", "invoice", invoice_id, {"version": str(version)})
        (action_id,) = books.act([act], authority, at, INVOICING)
        with books.reading() as connection:
            drafts = _drafts(connection, [invoice_id])
        action = action_id, authority.policy_decision_id
        return _issue(books, at, {invoice_id: action}, drafts, memos_of=[action_id])


def credit(books: Books, wanted: Mapping[str, Credit], authority: Authority) -> Landed:
    """Issue a memo for each invoice that is named, which credits an amount, or charges it, over its
    lines.

    No more is credited than is left of an invoice.
    """
    with books.held():
        at = stamp_of(books.settings, authority)
        with books.reading() as connection:
            currencies = {name: live(connection, name)["currency_code"] for name in wanted}
        acts = [_credit_act(name, each, currencies[name]) for name, each in wanted.items()]
        ids = books.act(acts, authority, at, INVOICING)
        action = ids[0], authority.policy_decision_id
        return _issue(books, at, dict.fromkeys(wanted, action), {}, memos_of=ids)


def _credit_act(invoice_id: str, wanted: Credit, currency: str) -> Act:
    payload = {
        "amount": documents.plain(wanted.amount),
        "currency_code": currency,
        "reason": wanted.reason,
        **({"invoice_line_id": wanted.line_id} if wanted.line_id else {}),
        **({"service_month": f"{wanted.service_month:%Y-%m}"} if wanted.service_month else {}),
    }
    name = "issue_debit_memo" if wanted.is_debit else "issue_credit_memo"
    return Act(name, "invoice", invoice_id, payload)


def record(
    books: Books, action: str, invoice_id: str, payload: Mapping[str, str], authority: Authority
) -> str:
    """Land an act about an invoice, with its live version and currency, and return its id."""
    with books.held():
        at = stamp_of(books.settings, authority)
        with books.reading() as connection:
            invoice = live(connection, invoice_id)
        said = {
            **payload,
            "currency_code": invoice["currency_code"],
            "version": str(invoice["version"]),
        }
        act = Act(action, "invoice", invoice_id, said)
        (action_id,) = books.act([act], authority, at, POLICY)
        return action_id


def refund(books: Books, payment_id: str, payload: Mapping[str, str], authority: Authority) -> str:
    """Land that a payment was paid back, in its currency, and return the act's id."""
    with books.held():
        at = stamp_of(books.settings, authority)
        with books.reading() as connection:
            payment = next(rows(connection, PAYMENT, payment_id), None)
        if payment is None:
            raise MeterhouseError(
                payment_id,
                "no payment has this id",
                "take the payment_id of one from fct_payments",
            )
        said = {**payload, "currency_code": payment["currency_code"]}
        act = Act("refund_payment", "payment", payment_id, said)
        (action_id,) = books.act([act], authority, at, POLICY)
        return action_id


def preview(
    connection: duckdb.DuckDBPyConnection, invoice_ids: Sequence[str]
) -> Iterator[Mapping[str, Any]]:
    """The bodies that drafts would be issued with now, without numbers; nothing is written."""
    at = connection.execute("select as_of_at from dim_as_of").fetchall()[0][0]
    nothing = Issue(at, dict.fromkeys(invoice_ids, ("", "")), {}, {})
    digests = {draft.billing_period_id: "" for draft in _drafts(connection, invoice_ids).values()}
    yield from document_bodies.invoice_bodies(connection, invoice_ids, nothing, digests)


def live(connection: duckdb.DuckDBPyConnection, invoice_id: str) -> Mapping[str, Any]:
    """The version of an invoice that is issued and not void. Raises MeterhouseError."""
    found = next(rows(connection, LIVE, invoice_id), None)
    if found is None:
        raise MeterhouseError(
            invoice_id,
            "no version of an invoice with this id is issued and not void",
            "take the invoice_id of one from fct_invoices",
        )
    return found


def _drafts(connection: duckdb.DuckDBPyConnection, invoice_ids: Sequence[str]) -> dict[str, _Draft]:
    drafts = {
        row[0]: _Draft(*row[1:])
        for row in connection.execute(DRAFTS, [list(invoice_ids)]).fetchall()
    }
    for name in invoice_ids:
        if name not in drafts:
            raise MeterhouseError(
                name,
                "there is no draft of an invoice with this id",
                "take one with status draft from fct_invoices",
            )
        if drafts[name].tax_amount is None:
            raise MeterhouseError(
                name,
                f"the tax of tenant {drafts[name].tenant_id} is unknown: no rate is in force",
                "add the rate to tax_rates.csv (exc_missing_tax_rates lists all), and build",
            )
    return drafts


def _issue(
    books: Books,
    at: datetime,
    actions: Mapping[str, tuple[str, str]],
    drafts: Mapping[str, _Draft],
    *,
    memos_of: Sequence[str] = (),
) -> Landed:
    """Land the documents of `drafts`, locks first, and the memos of some actions.

    A lock that stands without its invoice is taken by the next run; an invoice is never without.
    """
    action = next(iter(actions.values()))
    with books.reading() as connection:
        unlocked = [draft.billing_period_id for draft in drafts.values() if not draft.lock_digest]
        locks = list(document_bodies.lock_bodies(connection, unlocked, at, action))
        memos = {
            memo_id: (action_id, action[1])
            for memo_id, action_id in connection.execute(MEMOS_OF, [list(memos_of)]).fetchall()
        }
        issuing = books.issue(connection, at, {**actions, **memos})
        digests = {str(body["billing_period_id"]): documents.digest_of(body) for body in locks}
        issued = [
            *document_bodies.memo_bodies(connection, list(memos), issuing),
            *document_bodies.invoice_bodies(connection, list(drafts), issuing, digests),
        ]
    paths = books.land("locks", at, locks) + books.land("issued", at, issued)
    return _landed(paths, issued, len(locks))


def _landed(
    paths: tuple[Path, ...], issued: Sequence[Mapping[str, Any]], lock_count: int
) -> Landed:
    return Landed(paths, tuple(str(body["document_number"]) for body in issued), lock_count)


def next_month(month: date) -> datetime:
    """The instant at which a month ends."""
    year, number = divmod(month.year * 12 + month.month, 12)
    return datetime(year, number + 1, 1, tzinfo=UTC)
