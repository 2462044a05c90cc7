"""Events of a month where cases name no times: one after the other, or one in each window."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.conformance import inputs
from tests.conformance.months import DAY, day_count, next_month
from tests.conformance.scene import Event, OutOfScopeError

WINDOWS = {"hour": "hour", "1h": "hour", "day": "day", "1d": "day"}
LENGTHS = {"hour": DAY / 24, "day": DAY}


def spread(month: datetime, values: Sequence[Decimal]) -> list[Event]:
    """One event for each value, in order of time, all of them in the month."""
    step = min(timedelta(minutes=1), day_count(month) * DAY / max(len(values), 1))
    return [
        Event(str(place + 1), month + place * step, value) for place, value in enumerate(values)
    ]


def window_name(text: Any) -> str:
    """`hour` or `day`, however it is written; an hour where it is not."""
    written = str(text or "hour").strip().lower()
    if written not in WINDOWS:
        raise OutOfScopeError(f"buckets are of an hour or a day, not {text}")
    return WINDOWS[written]


def one_a_window(month: datetime, values: Sequence[Any], window: str) -> list[Event]:
    """One event for each value, each in an hour or a day of its own."""
    length = LENGTHS[window]
    if month + len(values) * length > next_month(month):
        raise OutOfScopeError("there are more buckets than a month has")
    return [
        Event(str(place + 1), month + place * length, inputs.quantity(value, "a bucket's value"))
        for place, value in enumerate(values)
    ]
