"""Paying invoice drafts from the credits of a wallet.

A credit is money that a tenant, or one of its contracts, was granted or has bought. A draft is paid
from the credits that are in force when it is issued, in the order of `drawdown`. A credit that is
for some types of line pays no more than those lines come to; none pays more than the draft.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from python_ext.drawdown import Grant, Kind, Movement, Use, draw_down
from python_ext.largest_remainder import split

ZERO = Decimal(0)


@dataclass(frozen=True)
class Credit:
    """An amount of a currency that `tenant_id` has from `effective_at` until `expires_at`.

    It is for one contract, or for all where `contract_id` is None; for some types of line, or for
    all where `line_types` is empty.
    """

    grant_id: str
    tenant_id: str
    contract_id: str | None
    currency_code: str
    amount: Decimal
    effective_at: datetime
    expires_at: datetime
    priority: int = 0
    kind: Kind = "granted"
    recorded_at: datetime = datetime.min
    line_types: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Payable:
    """A draft and what its lines come to, each with its type; `step` is the minor unit."""

    draft_id: str
    tenant_id: str
    contract_id: str
    currency_code: str
    bills_at: datetime
    step: Decimal
    lines: Mapping[str, tuple[str, Decimal]]
    """Line -> its type and amount; lines below zero are there too."""

    @property
    def amount(self) -> Decimal:
        return sum((amount for _, amount in self.lines.values()), ZERO)


@dataclass(frozen=True)
class Drawn:
    """A draw that is a fact: an issued document took `amount` from one credit."""

    grant_id: str
    draft_id: str
    drawn_at: datetime
    amount: Decimal


def settle(
    credits: Iterable[Credit],
    payables: Iterable[Payable],
    as_of: datetime,
    already_drawn: Iterable[Drawn] = (),
) -> tuple[Movement, ...]:
    """The ledger of all credits: what was granted, drawn and has expired by `as_of`.

    Drafts draw as if they were issued now, or when they are due, in the order of when they are,
    contract and id, after all that is `already_drawn` from the same wallet. What a credit has left
    after `as_of` has not expired yet, though a draft that is due later finds it so.
    """
    its_credits = {credit.grant_id: credit for credit in credits}
    facts = [fact for fact in already_drawn if fact.grant_id in its_credits]
    latest: dict[str, datetime] = {}
    for fact in facts:
        account = _account(its_credits[fact.grant_id])
        latest[account] = max(fact.drawn_at, latest.get(account, fact.drawn_at))
    # What is drawn at one instant is drawn a microsecond apart, so that it keeps its order.
    in_order = sorted(
        (payable for payable in payables if payable.amount > 0),
        key=lambda payable: (payable.bills_at, payable.contract_id, payable.draft_id),
    )
    drawdown = draw_down(
        (
            Grant(
                grant_id=credit.grant_id,
                account_id=_account(credit),
                quantity=credit.amount,
                effective_at=credit.effective_at,
                expires_at=credit.expires_at,
                priority=credit.priority,
                kind=credit.kind,
                recorded_at=credit.recorded_at,
                contract_ids=frozenset((credit.contract_id,) if credit.contract_id else ()),
                line_types=credit.line_types,
            )
            for credit in its_credits.values()
        ),
        [
            *(
                Use(
                    use_id=fact.draft_id,
                    account_id=_account(its_credits[fact.grant_id]),
                    at=fact.drawn_at,
                    quantity=fact.amount,
                    contract_id=its_credits[fact.grant_id].contract_id or "",
                    grant_ids=frozenset((fact.grant_id,)),
                )
                for fact in facts
            ),
            *(
                Use(
                    use_id=payable.draft_id,
                    account_id=_account(payable),
                    at=max(payable.bills_at, as_of, latest.get(_account(payable), payable.bills_at))
                    + number * timedelta(microseconds=1),
                    quantity=payable.amount,
                    contract_id=payable.contract_id,
                    limits=_by_type(payable),
                )
                for number, payable in enumerate(in_order)
            ),
        ],
        as_of,
    )
    return tuple(
        movement
        for movement in drawdown.movements
        if movement.movement_type != "expiry" or movement.at <= as_of
    )


def spread(
    credits: Iterable[Credit], payables: Iterable[Payable], movements: Iterable[Movement]
) -> dict[tuple[str, str], Decimal]:
    """Draft and line -> what credits pay of it, for those that are drawn before tax.

    What is for some types of line goes to those first, then the rest to what is left; each by what
    is left of the lines, in parts that add up.
    """
    line_types = {credit.grant_id: credit.line_types for credit in credits}
    drawn: dict[str, list[tuple[frozenset[str], Decimal]]] = defaultdict(list)
    for movement in movements:
        if movement.movement_type == "draw" and movement.use_id:
            draw = (line_types[movement.grant_id], -movement.quantity)
            drawn[movement.use_id].append(draw)
    paid: dict[tuple[str, str], Decimal] = {}
    for payable in payables:
        # The narrowest first; those for all lines come last.
        draws = sorted(drawn[payable.draft_id], key=lambda draw: (not draw[0], len(draw[0])))
        left = {line: amount for line, (_, amount) in payable.lines.items() if amount > 0}
        for types, amount in draws:
            fitting = {
                line: what
                for line, what in left.items()
                if not types or payable.lines[line][0] in types
            }
            for line, part in split(amount, fitting, payable.step).items() if fitting else ():
                left[line] -= part
                key = payable.draft_id, line
                paid[key] = paid.get(key, ZERO) + part
    return {key: part for key, part in sorted(paid.items()) if part}


def _account(owner: Credit | Payable) -> str:
    """A wallet is of a tenant and a currency."""
    return f"{owner.tenant_id}|{owner.currency_code}"


def _by_type(payable: Payable) -> Mapping[str, Decimal]:
    found: dict[str, Decimal] = defaultdict(lambda: ZERO)
    lines: Sequence[tuple[str, Decimal]] = tuple(payable.lines.values())
    for line_type, amount in lines:
        found[line_type] += amount
    return {line_type: max(amount, ZERO) for line_type, amount in found.items()}
