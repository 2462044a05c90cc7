"""Windows of local time, and what is drawn in each."""

import random
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from python_ext.time_of_day import WEEKDAYS, Commitment, Spent, draw_windows, windows, zone

LATE = datetime(2030, 1, 1)


def commitment(**changes: Any) -> Commitment:
    """100 units at 0.5 each from 9 to 17 UTC in the first week of March 2026, changed as said."""
    return replace(
        Commitment(
            "c", "UTC", 9, 17, date(2026, 3, 2), date(2026, 3, 9), Decimal("0.5"), Decimal(100)
        ),
        **changes,
    )


def spent(at: str, quantity: int | str) -> Spent:
    return Spent("c", datetime.fromisoformat(at), Decimal(quantity))


def told(**changes: Any) -> list[tuple[str, int]]:
    """Start of each window in UTC, and its length in hours."""
    return [
        (f"{start:%m-%d %H:%M}", (end - start) // timedelta(hours=1))
        for start, end in windows(commitment(**changes), LATE)
    ]


def test_windows_are_those_of_the_days_and_hours_that_are_named() -> None:
    found = told(weekdays=frozenset({"mon", "wed"}))
    assert found == [("03-02 09:00", 8), ("03-04 09:00", 8)]
    assert len(told()) == 7


def test_a_window_over_midnight_belongs_to_the_day_it_begins() -> None:
    found = told(from_hour=22, to_hour=6, weekdays=frozenset({"sun"}))
    assert found == [("03-08 22:00", 8)]
    assert told(from_hour=0, to_hour=24)[:2] == [("03-02 00:00", 24), ("03-03 00:00", 24)]
    assert told(from_hour=6, to_hour=6)[:2] == [("03-02 06:00", 24), ("03-03 06:00", 24)]


def test_windows_follow_the_clock_of_their_time_zone() -> None:
    """New York goes to summer time on 8 March 2026 at 2:00, and back on 1 November at 2:00."""
    spring = {"start": date(2026, 3, 7), "end": date(2026, 3, 9), "time_zone": "America/New_York"}
    autumn = spring | {"start": date(2026, 10, 31), "end": date(2026, 11, 2)}
    assert told(**spring) == [("03-07 14:00", 8), ("03-08 13:00", 8)]
    assert told(**spring, from_hour=0, to_hour=6) == [("03-07 05:00", 6), ("03-08 05:00", 5)]
    assert told(**spring, from_hour=2, to_hour=3) == [("03-07 07:00", 1)]
    assert told(**autumn, from_hour=0, to_hour=6) == [("10-31 04:00", 6), ("11-01 04:00", 7)]
    assert told(**autumn, from_hour=1, to_hour=2) == [("10-31 05:00", 1), ("11-01 05:00", 2)]
    assert told(time_zone="Asia/Kolkata")[0] == ("03-02 03:30", 8)


def test_use_is_drawn_up_to_what_is_committed_and_a_closed_window_has_a_shortfall() -> None:
    hours = [
        spent("2026-03-02T08:00", 99),
        spent("2026-03-02T09:00", 30),
        spent("2026-03-02T16:00", 50),
        spent("2026-03-02T17:00", 99),
        spent("2026-03-03T10:00", 130),
        spent("2026-03-04T10:00", -5),
        spent("2026-03-05T10:00", "0.5"),
    ]
    found = draw_windows([commitment()], hours, datetime(2026, 3, 5, 16))
    assert [(w.used_quantity, w.drawn_quantity, w.shortfall_quantity) for w in found] == [
        (80, 80, 20),
        (130, 100, 0),
        (-5, 0, 100),
        (Decimal("0.5"), Decimal("0.5"), None),
    ]
    assert [
        (w.is_closed, w.committed_amount, w.drawn_amount, w.shortfall_amount) for w in found
    ] == [
        (True, 50, 40, 10),
        (True, 50, 50, 0),
        (True, 50, 0, 50),
        (False, 50, Decimal("0.25"), None),
    ]


def test_a_window_is_closed_at_its_end() -> None:
    for until, is_closed in (
        (datetime(2026, 3, 2, 16, 59), False),
        (datetime(2026, 3, 2, 17), True),
    ):
        (window,) = draw_windows([commitment()], [], until)
        assert window.is_closed is is_closed


def test_a_commitment_to_an_amount_is_drawn_in_money() -> None:
    one = commitment(quantity=None, amount=Decimal("10.01"), end=date(2026, 3, 3))
    (window,) = draw_windows([one], [spent("2026-03-02T09:00", 20)], LATE)
    assert (window.used_amount, window.drawn_amount) == (10, 10)
    assert window.shortfall_amount == Decimal("0.01")
    assert (window.committed_quantity, window.drawn_quantity) == (None, None)


@pytest.mark.parametrize(
    "changes",
    [{"quantity": None}, {"amount": Decimal(1)}, {"time_zone": "Mars/Olympus_Mons"}],
)
def test_commitments_that_make_no_sense_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"quantity or to an amount|no time zone"):
        draw_windows([commitment(**changes)], [], LATE)


def test_a_zone_is_that_of_the_lock_file() -> None:
    assert zone("Europe/Berlin").utcoffset(datetime(2026, 7, 1)) == timedelta(hours=2)


commitments_drawn = st.builds(
    lambda **changes: commitment(start=date(2026, 1, 1), end=date(2027, 1, 1), **changes),
    time_zone=st.sampled_from(["UTC", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"]),
    from_hour=st.integers(0, 23),
    to_hour=st.integers(1, 24),
    weekdays=st.frozensets(st.sampled_from(WEEKDAYS), max_size=3),
)


@given(
    commitments_drawn,
    st.lists(st.tuples(st.integers(0, 24 * 400), st.decimals(-50, 50, places=9)), max_size=20),
    st.randoms(use_true_random=False),
)
def test_windows_do_not_overlap_and_each_is_drawn_or_short(
    one: Commitment, used: list[tuple[int, Decimal]], chance: random.Random
) -> None:
    start = datetime(2026, 1, 1)
    hours = [Spent("c", start + timedelta(hours=hour), quantity) for hour, quantity in used]
    found = draw_windows([one], hours, LATE)
    assert draw_windows([one], chance.sample(hours, len(hours)), LATE) == found
    assert all(window.starts_at < window.ends_at for window in found)
    assert all(one.ends_at <= other.starts_at for one, other in pairwise(found))
    inside = sum(
        (h.quantity for h in hours if any(w.starts_at <= h.hour < w.ends_at for w in found)),
        Decimal(0),
    )
    assert sum((window.used_quantity for window in found), Decimal(0)) == inside
    for window in found:
        assert window.drawn_quantity is not None
        assert window.shortfall_quantity is not None
        assert window.drawn_quantity + window.shortfall_quantity == 100
        assert window.drawn_amount + (window.shortfall_amount or 0) == 50
        assert 0 <= window.drawn_quantity <= max(window.used_quantity, Decimal(0))
