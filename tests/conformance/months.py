"""Calendar months for the periods of cases: readings and bills are of calendar months."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from tests.conformance.scene import OutOfScopeError

ANY_MONTH = datetime(2023, 5, 1, tzinfo=UTC)
"""For cases that name no period: 31 days."""

DAY = timedelta(days=1)


def month_start(instant: datetime) -> datetime:
    return instant.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def next_month(start: datetime) -> datetime:
    return month_start(start + 31 * DAY)


def day_count(start: datetime) -> int:
    return (next_month(start) - start).days


def month_of_days(days: int, near: datetime = ANY_MONTH) -> datetime:
    """The first month from `near` on that has so many days."""
    if not 28 <= days <= 31:
        raise OutOfScopeError(f"no calendar month has {days} days")
    month = month_start(near)
    while day_count(month) != days:
        month = next_month(month)
    return month


def month_for(period: tuple[datetime, datetime] | None) -> tuple[datetime, timedelta]:
    """The month that stands for a period, and by how much its instants shift.

    A period that is no calendar month is shifted onto one of the same length; what is asked must
    only depend on how much time lies between events.
    """
    if period is None:
        return ANY_MONTH, timedelta()
    start, end = period
    if start == month_start(start) and end == next_month(start):
        return start, timedelta()
    length = end - start
    if length % DAY:
        raise OutOfScopeError("the period is no whole number of days, and readings are of months")
    month = month_of_days(length // DAY, start)
    return month, month - start


def month_around(
    period: tuple[datetime, datetime] | None, instants: Sequence[datetime]
) -> tuple[datetime, timedelta]:
    """The month and the shift by whole days that bring events of any period into one month.

    Only for what does not depend on the length of the period: maxima, percentiles, the latest.
    """
    if period is None:
        first, last = min(instants, default=ANY_MONTH), max(instants, default=ANY_MONTH)
        period = first, last + timedelta.resolution
        if month_start(first) == month_start(last):
            return month_start(first), timedelta()
    start, end = period
    if start == month_start(start) and end == next_month(start):
        return start, timedelta()
    if not all(start <= instant < end for instant in instants):
        raise OutOfScopeError("events lie outside a period that is not a calendar month")
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
    if end - midnight > 31 * DAY:
        raise OutOfScopeError("the period is longer than a month, and readings are of months")
    month = month_of_days(31, start)
    return month, month - midnight
