"""Commitments for hours of the day: so many units or so much money in each window of local time.

A window is, say, Monday to Friday from 9 to 17 in New York. Its length in hours follows the clock
there: on the day the clock goes forward, a window over the missing hour is an hour shorter. Time
zones are those of the pytz release in the lock file, not of the machine.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal, Inexact, localcontext
from functools import cache
from zoneinfo import ZoneInfo

import pytz

ZERO = Decimal(0)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True)
class Commitment:
    """`quantity` units, or else `amount`, in each window; a unit is worth `unit_price`.

    A window begins at `from_hour` of each local date from `start` up to, not including, `end` that
    is one of `weekdays` (none is all) and ends at `to_hour` (up to 24), or if that is not later, at
    `to_hour` of the next day.
    """

    commitment_id: str
    time_zone: str
    from_hour: int
    to_hour: int
    start: date
    end: date
    unit_price: Decimal
    quantity: Decimal | None = None
    amount: Decimal | None = None
    weekdays: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Spent:
    """Units used in an hour, known by its first instant (UTC, naive)."""

    commitment_id: str
    hour: datetime
    quantity: Decimal


@dataclass(frozen=True)
class Window:
    """What was committed, used and drawn in one window (UTC, naive, half-open).

    Used = drawn + exceeding. Committed = drawn + shortfall once the window has ended; until then
    the shortfall is None, which is: not known yet. Quantities of a commitment to an amount are
    None, except what was used.
    """

    commitment_id: str
    starts_at: datetime
    ends_at: datetime
    is_closed: bool
    used_quantity: Decimal
    committed_quantity: Decimal | None
    drawn_quantity: Decimal | None
    shortfall_quantity: Decimal | None
    used_amount: Decimal
    committed_amount: Decimal
    drawn_amount: Decimal
    shortfall_amount: Decimal | None


@cache
def zone(name: str) -> ZoneInfo:
    """The time zone of an IANA name; raises ValueError for another."""
    if name not in pytz.all_timezones_set:
        raise ValueError(f"no time zone {name}")
    with pytz.open_resource(name) as stream:
        return ZoneInfo.from_file(stream, name)


def windows(commitment: Commitment, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Start and end (UTC) of each window that begins by `until`; they do not overlap.

    Of an hour that comes twice, the first is meant; one that is left out has no length.
    """
    days = (commitment.to_hour <= commitment.from_hour) + commitment.to_hour // 24
    day = commitment.start
    while day < commitment.end:
        starts_at = _utc(day, commitment.from_hour, commitment.time_zone)
        if starts_at > until:
            return
        if not commitment.weekdays or WEEKDAYS[day.weekday()] in commitment.weekdays:
            ending = day + timedelta(days=days)
            ends_at = _utc(ending, commitment.to_hour % 24, commitment.time_zone)
            if starts_at < ends_at:
                yield starts_at, ends_at
        day += timedelta(days=1)


def _utc(day: date, hour: int, time_zone: str) -> datetime:
    local = datetime.combine(day, time(hour), zone(time_zone))
    offset = local.utcoffset() or timedelta()
    return local.replace(tzinfo=None) - offset


def draw_windows(
    commitments: Iterable[Commitment], hours: Iterable[Spent], until: datetime
) -> tuple[Window, ...]:
    """Every window that has begun by `until`, by commitment and time, used or not.

    An hour counts in the window in which it begins. Net use below zero draws nothing. The order of
    the inputs does not matter. Raises ValueError unless a commitment is to a quantity or to an
    amount, and for a time zone that does not exist.
    """
    by_commitment: dict[str, list[Spent]] = defaultdict(list)
    for spent in hours:
        by_commitment[spent.commitment_id].append(spent)
    found: list[Window] = []
    with localcontext(prec=76) as context:
        context.traps[Inexact] = True
        for commitment in sorted(commitments, key=lambda one: one.commitment_id):
            if (commitment.quantity is None) == (commitment.amount is None):
                raise ValueError(f"{commitment.commitment_id} is to a quantity or to an amount")
            its = sorted(by_commitment[commitment.commitment_id], key=lambda spent: spent.hour)
            starts = [spent.hour for spent in its]
            for starts_at, ends_at in windows(commitment, until):
                inside = its[bisect_left(starts, starts_at) : bisect_left(starts, ends_at)]
                used = sum((spent.quantity for spent in inside), ZERO)
                found.append(_window(commitment, starts_at, ends_at, ends_at <= until, used))
    return tuple(found)


def _window(
    commitment: Commitment, starts_at: datetime, ends_at: datetime, is_closed: bool, used: Decimal
) -> Window:
    used_amount = used * commitment.unit_price
    committed_amount = commitment.amount
    if committed_amount is None:
        committed_amount = (commitment.quantity or ZERO) * commitment.unit_price
    drawn_amount = max(min(used_amount, committed_amount), ZERO)
    drawn = shortfall = None
    if commitment.quantity is not None:
        drawn = max(min(used, commitment.quantity), ZERO)
        shortfall = commitment.quantity - drawn if is_closed else None
    return Window(
        commitment.commitment_id,
        starts_at,
        ends_at,
        is_closed,
        used,
        commitment.quantity,
        drawn,
        shortfall,
        used_amount,
        committed_amount,
        drawn_amount,
        committed_amount - drawn_amount if is_closed else None,
    )
