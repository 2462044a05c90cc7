"""Drawing use down from grants, in the order of time, into a ledger that never goes below zero.

A grant is so many units (or, for a wallet, so much money) that an account may use from one instant
until another, once or anew every day or month. Each use takes from the grants that are in force
and fit it: lowest priority number first, then what lapses first, then granted before purchased,
then the older, then by id. What no grant covers is unmet.

Sources: the order of getlago/lago (wallet priorities) and of openmeterio/openmeter (credit engine),
whose examples are in tests/python/test_drawdown.py.
"""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal, Inexact, localcontext
from typing import Literal

Kind = Literal["granted", "purchased"]
Recurrence = Literal["none", "day", "month"]
MovementType = Literal["grant", "draw", "return", "rollover", "expiry"]

ZERO = Decimal(0)


@dataclass(frozen=True)
class Grant:
    """What an account was given: `quantity` in force from `effective_at` until `expires_at`.

    With a recurrence it is given anew at each, counted from `effective_at` (a month from the 31st
    is the last day of a shorter month), and of what is left then up to `rollover_limit` is carried
    over. Each of `meter_ids`, `pack_ids` and `contract_ids` that is not empty must fit;
    `line_types` are those of a use's `limits` that the grant is for.
    """

    grant_id: str
    account_id: str
    quantity: Decimal
    effective_at: datetime
    expires_at: datetime
    priority: int = 0
    kind: Kind = "granted"
    recurrence: Recurrence = "none"
    rollover_limit: Decimal = ZERO
    recorded_at: datetime = datetime.min
    meter_ids: frozenset[str] = frozenset()
    pack_ids: frozenset[str] = frozenset()
    contract_ids: frozenset[str] = frozenset()
    line_types: frozenset[str] = frozenset()

    def fits(self, use: "Use") -> bool:
        """Whether the use is in the scope of the grant, whatever its time."""
        return (
            (not self.meter_ids or use.meter_id in self.meter_ids)
            and (not self.pack_ids or use.pack_id in self.pack_ids)
            and (not self.contract_ids or use.contract_id in self.contract_ids)
            and (not use.grant_ids or self.grant_id in use.grant_ids)
        )


@dataclass(frozen=True)
class Use:
    """So much used at an instant, in the unit of the grants; below zero it is given back.

    `use_id` names what is used for (a contract line, an invoice): what is given back undoes the
    latest of the same. `limits` says how much of it is of each type of line, for grants that are
    for some types only; `grant_ids`, where given, that it is drawn from no other grants.
    """

    use_id: str
    account_id: str
    at: datetime
    quantity: Decimal
    meter_id: str = ""
    pack_id: str = ""
    contract_id: str = ""
    grant_ids: frozenset[str] = frozenset()
    limits: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True)
class Movement:
    """A row of the ledger: `quantity` is signed, `balance` is that of the grant after it.

    `number` counts the movements of a grant from 1, `period` its recurrences from 1; what is left
    of the period lapses or is carried over at `ends_at`. Draws and returns name their use.
    """

    grant_id: str
    number: int
    period: int
    movement_type: MovementType
    at: datetime
    quantity: Decimal
    balance: Decimal
    ends_at: datetime
    use_id: str | None = None


@dataclass(frozen=True)
class Drawdown:
    """Movements by grant and number, and by use what no grant covered.

    For each use: the sum of its quantities = drawn - returned + unmet.
    """

    movements: tuple[Movement, ...]
    unmet: Mapping[str, Decimal]


@dataclass
class _Lot:
    """What one period of a grant still holds."""

    grant: Grant
    period: int
    starts_at: datetime
    ends_at: datetime
    left: Decimal = ZERO
    carried: Decimal = ZERO
    has_ended: bool = False

    @property
    def order(self) -> tuple[int, datetime, bool, datetime, datetime, str]:
        grant = self.grant
        return (
            grant.priority,
            self.ends_at,
            grant.kind == "purchased",
            grant.effective_at,
            grant.recorded_at,
            grant.grant_id,
        )


@dataclass
class _Part:
    """A part of a use, and the lot that covers it; None where it is unmet."""

    use: Use
    lot: _Lot | None
    quantity: Decimal


def draw_down(
    grants: Iterable[Grant],
    uses: Iterable[Use],
    until: datetime,
    *,
    carries_unmet: bool = False,
) -> Drawdown:
    """Draw all uses from the grants of their account, and close what has ended by `until`.

    At one instant, what ends ends first, then what begins begins, then uses are drawn, by contract,
    meter and id. A use below zero takes back the latest parts of the same `use_id`, drawn or unmet;
    what goes back to a period that has ended lapses at once. With `carries_unmet`, unmet use is
    drawn from the next grant that begins and fits it. Times are all naive or all aware; the order
    of the inputs does not matter. Raises ValueError for a repeated grant id, a grant that is not
    above zero or ends before it starts.
    """
    by_account: dict[str, tuple[list[Grant], list[Use]]] = defaultdict(lambda: ([], []))
    seen: set[str] = set()
    for grant in grants:
        if grant.grant_id in seen:
            raise ValueError(f"grant {grant.grant_id} is given twice")
        if grant.quantity <= 0 or grant.expires_at <= grant.effective_at:
            raise ValueError(f"grant {grant.grant_id} is not above zero, or ends before it starts")
        seen.add(grant.grant_id)
        by_account[grant.account_id][0].append(grant)
    for use in uses:
        by_account[use.account_id][1].append(use)
    movements: list[Movement] = []
    unmet: dict[str, Decimal] = {}
    with localcontext(prec=76) as context:
        context.traps[Inexact] = True
        for its_grants, its_uses in by_account.values():
            account = _Account(carries_unmet)
            account.run(its_grants, its_uses, until)
            movements += account.movements
            unmet |= account.unmet()
    movements.sort(key=lambda movement: (movement.grant_id, movement.number))
    return Drawdown(tuple(movements), dict(sorted(unmet.items())))


def periods(grant: Grant, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Start and end of each period of a grant that begins by `until`."""
    number, starts_at = 0, grant.effective_at
    while starts_at <= until and starts_at < grant.expires_at:
        number += 1
        following = _recurrence(grant, number) if grant.recurrence != "none" else grant.expires_at
        yield starts_at, min(following, grant.expires_at)
        starts_at = following


def _recurrence(grant: Grant, number: int) -> datetime:
    first = grant.effective_at
    if grant.recurrence == "day":
        return first + timedelta(days=number)
    month = first.month - 1 + number
    year, month = first.year + month // 12, month % 12 + 1
    return first.replace(year=year, month=month, day=min(first.day, monthrange(year, month)[1]))


@dataclass
class _Account:
    """The grants and uses of one account, while they are gone through in the order of time."""

    carries_unmet: bool
    movements: list[Movement] = field(default_factory=list)
    _lots: list[_Lot] = field(default_factory=list)
    _parts: dict[str, list[_Part]] = field(default_factory=lambda: defaultdict(list))
    _ahead: dict[str, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))
    _balances: dict[str, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))
    _numbers: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def run(self, grants: Sequence[Grant], uses: Sequence[Use], until: datetime) -> None:
        until = max((until, *(use.at for use in uses)))
        starts: dict[datetime, list[_Lot]] = defaultdict(list)
        ends: dict[datetime, list[_Lot]] = defaultdict(list)
        following: dict[tuple[str, int], _Lot] = {}
        for grant in grants:
            for period, (starts_at, ends_at) in enumerate(periods(grant, until), start=1):
                lot = _Lot(grant, period, starts_at, ends_at)
                following[grant.grant_id, period] = lot
                starts[starts_at].append(lot)
                if ends_at <= until:
                    ends[ends_at].append(lot)
        used: dict[datetime, list[Use]] = defaultdict(list)
        for use in uses:
            used[use.at].append(use)
        for at in sorted({*starts, *ends, *used}):
            for lot in sorted(ends[at], key=lambda lot: lot.order):
                self._end(lot, following.get((lot.grant.grant_id, lot.period + 1)))
            for lot in sorted(starts[at], key=lambda lot: lot.order):
                self._start(lot)
            if self.carries_unmet and at in starts:
                self._settle(at)
            # The smaller quantity first, so that what is given back at an instant is there for it.
            for use in sorted(used[at], key=_order_at_an_instant):
                self._use(use)

    def unmet(self) -> dict[str, Decimal]:
        """By use, what no lot covers; below zero where more was given back than used."""
        return {
            use_id: sum((part.quantity for part in parts if part.lot is None), -self._ahead[use_id])
            for use_id, parts in self._parts.items()
        }

    def _move(
        self, lot: _Lot, what: MovementType, at: datetime, quantity: Decimal, use: Use | None = None
    ) -> None:
        if quantity == 0:
            return
        grant_id = lot.grant.grant_id
        lot.left += quantity
        self._balances[grant_id] += quantity
        self._numbers[grant_id] += 1
        self.movements.append(
            Movement(
                grant_id,
                self._numbers[grant_id],
                lot.period,
                what,
                at,
                quantity,
                self._balances[grant_id],
                lot.ends_at,
                use.use_id if use else None,
            )
        )

    def _start(self, lot: _Lot) -> None:
        self._move(lot, "rollover", lot.starts_at, lot.carried)
        self._move(lot, "grant", lot.starts_at, lot.grant.quantity)
        self._lots.append(lot)
        self._lots.sort(key=lambda lot: lot.order)

    def _end(self, lot: _Lot, following: _Lot | None) -> None:
        if following:
            following.carried = min(lot.left, lot.grant.rollover_limit)
            self._move(lot, "rollover", lot.ends_at, -following.carried)
        self._move(lot, "expiry", lot.ends_at, -lot.left)
        lot.has_ended = True
        self._lots.remove(lot)

    def _use(self, use: Use) -> None:
        if use.quantity < 0:
            self._give_back(use)
            return
        offset = min(use.quantity, self._ahead[use.use_id])
        self._ahead[use.use_id] -= offset
        self._parts[use.use_id] += self._cover(use, use.quantity - offset, use.at)

    def _cover(self, use: Use, quantity: Decimal, at: datetime) -> list[_Part]:
        """The parts of a use, in the order in which lots cover it; what is unmet comes last."""
        parts = []
        room = dict(use.limits)
        for lot in self._lots:
            if quantity and lot.left and lot.grant.fits(use):
                taken = _within(room, lot.grant.line_types, min(lot.left, quantity))
                if not taken:
                    continue
                self._move(lot, "draw", at, -taken, use)
                parts.append(_Part(use, lot, taken))
                quantity -= taken
        return [*parts, _Part(use, None, quantity)] if quantity else parts

    def _give_back(self, use: Use) -> None:
        parts, quantity = self._parts[use.use_id], -use.quantity
        while quantity and parts:
            part = parts[-1]
            given = min(part.quantity, quantity)
            part.quantity -= given
            quantity -= given
            if part.lot:
                self._move(part.lot, "return", use.at, given, use)
                if part.lot.has_ended:
                    self._move(part.lot, "expiry", use.at, -given)
            if not part.quantity:
                parts.pop()
        self._ahead[use.use_id] += quantity

    def _settle(self, at: datetime) -> None:
        """Cover what is unmet, the oldest use first, each part in its place."""
        waiting = [part for parts in self._parts.values() for part in parts if part.lot is None]
        for part in sorted(waiting, key=lambda part: (part.use.at, part.use.use_id)):
            parts = self._parts[part.use.use_id]
            place = next(place for place, other in enumerate(parts) if other is part)
            parts[place : place + 1] = self._cover(part.use, part.quantity, at)


def _order_at_an_instant(use: Use) -> tuple[str, str, str, Decimal]:
    return use.contract_id, use.meter_id, use.use_id, use.quantity


def _within(room: dict[str, Decimal], line_types: frozenset[str], quantity: Decimal) -> Decimal:
    """What a grant may cover of `quantity`, taken out of the `room` of its types, by their names.

    A grant for all types takes no room: it covers first what no other grant is for. A use that
    does not say what it is of, such as a draw that is a fact, is within every grant.
    """
    if not line_types or not room:
        return quantity
    taken = ZERO
    for line_type in sorted(line_types & room.keys()):
        part = min(room[line_type], quantity - taken)
        room[line_type] -= part
        taken += part
    return taken
