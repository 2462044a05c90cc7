"""A yearly tier re-prices the months before, and the deltas add up to the year at its price."""

import random
from datetime import date
from decimal import Context, Decimal, localcontext
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from python_ext.rebates import Month, YearTier, reprice

LADDER = (
    YearTier(1, Decimal(1000), Decimal("0.9")),
    YearTier(2, Decimal(2000), Decimal("0.8")),
)


def month(number: int, quantity: int | Decimal, rated: str | Decimal | None) -> Month:
    amount = None if rated is None else Decimal(rated)
    return Month("r", date(2026, number, 1), Decimal(quantity), amount)


def told(months: list[Month]) -> list[tuple[int, int, int, Decimal | None]]:
    """Booked month, month, tier and delta."""
    found = reprice({"r": LADDER}, months)
    return [(r.booked_month.month, r.month.month, r.tier_number, r.delta_amount) for r in found]


def test_a_tier_reached_in_october_reprices_the_months_before() -> None:
    """100 a month at 1 are 1000 by October, not above it; November takes it to 1100, at 0.9."""
    months = [month(number, 100, "100") for number in range(1, 13)]
    assert told(months[:10]) == []
    november = [(11, number, 1, Decimal(-10)) for number in range(1, 12)]
    assert told(months[:11]) == november
    assert told(months) == [*november, (12, 12, 1, Decimal(-10))]
    october = told([*months[:9], month(10, 101, "101")])
    assert october == [
        *((10, n, 1, Decimal(-10)) for n in range(1, 10)),
        (10, 10, 1, Decimal("-10.1")),
    ]


def test_the_next_tier_reprices_what_the_tier_before_made_of_the_months() -> None:
    months = [month(1, 1001, "1001"), month(2, 0, "0"), month(3, 1000, "1000")]
    found = reprice({"r": LADDER}, months)
    assert [
        (r.booked_month.month, r.month.month, r.former_amount, r.new_amount) for r in found
    ] == [
        (1, 1, Decimal(1001), Decimal("900.9")),
        (3, 1, Decimal("900.9"), Decimal("800.8")),
        (3, 3, Decimal(1000), Decimal(800)),
    ]


def test_a_tier_can_be_passed_over_and_can_cost_more() -> None:
    assert told([month(1, 1, "0.5"), month(2, 2000, "2000")]) == [
        (2, 1, 2, Decimal("0.3")),
        (2, 2, 2, Decimal(-400)),
    ]


def test_a_month_without_an_amount_has_an_unknown_delta() -> None:
    assert told([month(1, 1001, None)]) == [(1, 1, 1, None)]


@pytest.mark.parametrize(
    "months",
    [
        [month(1, 2000, "1"), month(1, 2000, "1")],
        [month(1, -1, "1")],
        [Month("other", date(2026, 1, 1), Decimal(1), Decimal(1))],
    ],
)
def test_months_that_make_no_sense_are_refused(months: list[Month]) -> None:
    with pytest.raises(ValueError, match=r"twice|ladder"):
        reprice({"r": LADDER}, months)


amounts = st.decimals(0, 10**6, places=9)


@given(
    st.lists(st.tuples(amounts, amounts), max_size=12),
    st.lists(st.tuples(st.integers(0, 10**6), amounts), max_size=4, unique_by=lambda rung: rung[0]),
    st.randoms(use_true_random=False),
)
def test_rated_and_deltas_are_the_years_quantity_at_the_price_of_its_tier(
    used: list[tuple[Decimal, Decimal]],
    rungs: list[tuple[int, Decimal]],
    chance: random.Random,
) -> None:
    ladder = [
        YearTier(n, Decimal(above), unit_price) for n, (above, unit_price) in enumerate(rungs)
    ]
    months = [month(n, quantity, rated) for n, (quantity, rated) in enumerate(used, start=1)]
    found = reprice({"r": ladder}, months)
    shuffled = chance.sample(ladder, len(ladder)), chance.sample(months, len(months))
    assert reprice({"r": shuffled[0]}, shuffled[1]) == found
    with localcontext(Context(prec=60)):
        for number, so_far in enumerate(accumulate(one.quantity for one in months), start=1):
            rated = sum((rated for _, rated in used[:number]), Decimal(0))
            deltas = [r.delta_amount or Decimal(0) for r in found if r.booked_month.month <= number]
            reached = [tier for tier in ladder if so_far > tier.above]
            if reached:
                tier = max(reached, key=lambda tier: tier.above)
                assert rated + sum(deltas) == so_far * tier.unit_price
            else:
                assert deltas == []
    assert all(r.month <= r.booked_month for r in found)
