"""Prices that are earned over the whole term of a contract, and how they change."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from python_ext.revenue_terms import Rate, Span, Term, months_after, months_between, position, spans

START, END = date(2026, 1, 1), date(2027, 1, 1)
SIGNED = date(2025, 12, 1)


def term(modification: str = "prospective", convention: str = "daily", ends: date = END) -> Term:
    return Term(START, ends, convention, modification, 2)


def rate(amount: str, starts: date, ends: date = END, known: date = SIGNED) -> Rate:
    return Rate(starts, ends, Decimal(amount), known)


def test_a_level_price_is_one_span() -> None:
    assert spans(term(), [rate("1000", START)]) == [Span(START, END, Decimal("12000.00"))]


def test_a_ramp_that_was_agreed_at_the_start_is_levelled() -> None:
    ends = date(2029, 1, 1)
    ramp = [
        rate(amount, date(2026 + year, 1, 1), date(2027 + year, 1, 1))
        for year, amount in enumerate(("800", "1000", "1200"))
    ]
    assert spans(term(ends=ends), ramp) == [Span(START, ends, Decimal("36000.00"))]


def test_a_change_spreads_what_is_left_over_the_rest() -> None:
    day = date(2026, 7, 2)
    found = spans(term(), [rate("1000", START, day), rate("1500", day, known=day)])
    # Half the year is earned at the old price; 12,000 + 500 x (5 + 30 / 31) are due in all.
    assert found == [Span(START, day, Decimal("5983.56")), Span(day, END, Decimal("9000.31"))]


def test_a_catch_up_makes_good_at_once_what_the_new_price_had_earned() -> None:
    day = date(2026, 7, 1)
    changed = [rate("1000", START, day), rate("1200", day, known=day)]
    assert spans(term("catch_up", "monthly"), changed) == [
        Span(START, day, Decimal("6000.00")),
        Span(day, day, Decimal("600.00")),
        Span(day, END, Decimal("6600.00")),
    ]


def test_a_change_that_is_recorded_late_counts_from_when_it_was() -> None:
    late = date(2026, 10, 1)
    found = spans(
        term(convention="monthly"),
        [rate("1000", START, date(2026, 4, 1)), rate("1100", date(2026, 4, 1), known=late)],
    )
    assert found == [Span(START, late, Decimal("9000.00")), Span(late, END, Decimal("3900.00"))]


def test_a_rate_that_changes_nothing_is_no_modification() -> None:
    day = date(2026, 4, 1)
    assert len(spans(term(), [rate("10", START, day), rate("10", day, known=day)])) == 1


@pytest.mark.parametrize(
    ("begins", "ends", "months"),
    [
        (date(2026, 1, 1), date(2026, 4, 1), Fraction(3)),
        (date(2026, 1, 31), date(2026, 2, 28), Fraction(1)),
        (date(2026, 1, 15), date(2026, 3, 1), 1 + Fraction(14, 28)),
        (date(2026, 1, 1), date(2026, 1, 1), Fraction(0)),
    ],
)
def test_months_are_whole_and_the_rest_is_a_part_of_its_month(
    begins: date, ends: date, months: Fraction
) -> None:
    assert months_between(begins, ends) == months


def test_a_month_from_the_31st_ends_on_the_last_day_of_a_shorter_one() -> None:
    assert months_after(date(2025, 12, 31), 2) == date(2026, 2, 28)
    assert months_after(date(2026, 3, 31), -1) == date(2026, 2, 28)


def test_each_convention_has_its_scale() -> None:
    january, february, march = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)
    daily, thirty = (
        [position(name, day) for day in (january, february, march)]
        for name in ("daily", "thirty_360")
    )
    assert (daily[1] - daily[0], daily[2] - daily[1]) == (31, 28)
    assert (thirty[1] - thirty[0], thirty[2] - thirty[1]) == (30, 30)
    monthly = [position("monthly", day) for day in (january, february, march)]
    assert monthly[1] - monthly[0] == monthly[2] - monthly[1]


days = st.dates(START, END + timedelta(days=40))
prices = st.decimals(0, 10**6, places=9, allow_nan=False)


@st.composite
def changes(draw: st.DrawFn) -> list[Rate]:
    """Rates one after the other from the first day on, each known whenever."""
    begins = sorted({START, *draw(st.lists(days, max_size=4))})
    return [
        Rate(day, END, draw(prices), SIGNED if number == 0 else draw(st.just(SIGNED) | days))
        for number, day in enumerate(begins)
    ]


@given(
    changes(),
    st.sampled_from(("prospective", "catch_up")),
    st.sampled_from(("daily", "monthly", "thirty_360")),
)
def test_spans_follow_one_another_and_add_up_to_the_last_price(
    rates: list[Rate], modification: str, convention: str
) -> None:
    found = spans(term(modification, convention), rates)
    known_later = [rate for rate in rates if max(rate.known_date, rate.from_date) < END]
    assert (found[0].from_date, found[-1].to_date) == (START, END)
    for before, after in pairwise(found):
        assert before.to_date == after.from_date
    if all(rate.known_date <= START for rate in rates):
        assert len(found) == 1
    price = spans(
        term(), [Rate(r.from_date, r.to_date, r.month_amount, SIGNED) for r in known_later]
    )
    assert sum(span.amount for span in found) == price[0].amount
