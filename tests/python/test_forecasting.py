"""A forecast holds its bounds in order, knows no future, and says what it was made from."""

import random
from datetime import date
from decimal import Decimal
from itertools import pairwise
from math import pi, sin

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from python_ext.forecasting import (
    FITTED_FROM,
    HOLT,
    HOLT_WINTERS,
    LEVEL,
    NAIVE,
    SEASONAL_FROM,
    Estimate,
    forecast,
)
from python_ext.margin_tables import FORECASTS, HORIZON, months_forecast

CENT = Decimal("0.01")
AMOUNTS = st.decimals(-(10**9), 10**9, places=4)
SERIES = st.lists(st.one_of(st.none(), st.just(Decimal(0)), AMOUNTS), max_size=30)
KNOWN = st.lists(AMOUNTS, min_size=1, max_size=30)
MEASURED = pa.schema(
    [
        *((name, pa.string()) for name in ("measure", "tenant_id", "pack_id", "revenue_basis")),
        ("period_month", pa.date32()),
        ("actual_usd", pa.decimal128(38, 12)),
    ]
)


def series(*amounts: float | None) -> list[Decimal | None]:
    return [None if amount is None else Decimal(str(amount)) for amount in amounts]


def all_of(amounts: list[Decimal | None]) -> list[Estimate]:
    found = forecast(amounts, 6)
    return [one for one in (*found.before, *found.ahead) if one is not None]


def seasonal(count: int) -> list[Decimal | None]:
    """A year's wave of 300 on a rising level of 1,000, with some unrest."""
    return series(
        *(round(1000 + 5 * n + 300 * sin(n * pi / 6) + 20 * (n * 7 % 5), 2) for n in range(count))
    )


@given(SERIES)
def test_bounds_are_in_order_and_to_the_cent(amounts: list[Decimal | None]) -> None:
    for one in all_of(amounts):
        assert one.point.as_tuple().exponent == -2
        if one.intervals:
            (low, high), (lower, higher) = one.intervals
            assert lower <= low <= one.point <= high <= higher


@given(SERIES)
def test_what_was_expected_is_what_the_months_before_alone_say(
    amounts: list[Decimal | None],
) -> None:
    before = forecast(amounts, 1).before
    for place, one in enumerate(before):
        is_next = place > 0 and amounts[place - 1] is not None
        assert (one is not None) == is_next
        if one is not None:
            (alone,) = forecast(amounts[:place], 1).ahead
            assert (one.method, one.known_count, one.horizon) == (
                alone.method,
                alone.known_count,
                1,
            )
            assert abs(one.point - alone.point) <= CENT
            for known, found in zip(one.intervals, alone.intervals, strict=True):
                assert all(abs(a - b) <= CENT for a, b in zip(known, found, strict=True))


@given(SERIES, SERIES, st.integers(0, 30))
@example(seasonal(40), series(None, 5), 30)
def test_a_later_month_changes_no_earlier_forecast(
    amounts: list[Decimal | None], others: list[Decimal | None], place: int
) -> None:
    kept = amounts[:place]
    assert forecast(kept + others, 1).before[: len(kept)] == forecast(amounts, 1).before[:place]


@given(AMOUNTS, st.integers(1, 30))
def test_a_constant_series_goes_on(amount: Decimal, count: int) -> None:
    for one in all_of([amount] * count):
        (rounded,) = {one.point}.union(*one.intervals)
        assert one.method == NAIVE
        assert abs(rounded - amount) <= CENT / 2


@given(KNOWN, st.sampled_from([Decimal("0.001"), Decimal(3), Decimal(100), Decimal("7.77")]))
@example([Decimal(str(round(100 + sin(n), 4))) for n in range(30)], Decimal(3))
@example([Decimal(10**20 + n * n * 7 * 10**16) for n in range(30)], Decimal(3))
def test_a_scaled_series_has_the_scaled_forecast(known: list[Decimal], scale: Decimal) -> None:
    rounding = CENT / 2 * (1 + scale)
    plain = all_of([*known])
    scaled = all_of([amount * scale for amount in known])
    for one, other in zip(plain, scaled, strict=True):
        assert one.method == other.method
        assert abs(one.point * scale - other.point) <= rounding
        for bounds, others in zip(one.intervals, other.intervals, strict=True):
            for bound, found in zip(bounds, others, strict=True):
                assert abs(bound * scale - found) <= rounding


@given(KNOWN)
def test_what_never_was_below_zero_is_not_expected_to_be(known: list[Decimal]) -> None:
    for one in all_of([abs(amount) for amount in known]):
        assert one.point >= 0
        assert all(lower >= 0 for lower, _ in one.intervals)


@given(KNOWN)
def test_intervals_widen_with_the_horizon(known: list[Decimal]) -> None:
    for earlier, later in pairwise(forecast([-abs(amount) - 1 for amount in known], 6).ahead):
        assert later.horizon == earlier.horizon + 1
        for (low, high), (lower, higher) in zip(earlier.intervals, later.intervals, strict=True):
            assert higher - lower >= high - low - 2 * CENT


@pytest.mark.parametrize(
    ("amounts", "method"),
    [
        (series(5), NAIVE),
        (series(5, 6), NAIVE),
        (series(*range(FITTED_FROM - 1)), NAIVE),
        (series(*[7] * 30), NAIVE),
        (series(*[0] * 30), NAIVE),
        (series(*[100, 101] * 7), LEVEL),
        (series(*(n * 10 + n % 3 for n in range(FITTED_FROM + 4))), HOLT),
        (series(*(-n * 10 - n % 3 for n in range(FITTED_FROM + 4))), HOLT),
        (seasonal(36), HOLT_WINTERS),
        (series(*(round(100 + sin(n * n), 2) for n in range(40))), LEVEL),
    ],
)
def test_the_method_is_the_one_that_the_months_allow(
    amounts: list[Decimal | None], method: str
) -> None:
    assert {one.method for one in forecast(amounts, 3).ahead} == {method}


def test_a_season_needs_two_years_without_a_gap() -> None:
    methods = [one.method for one in forecast(seasonal(40), 1).before if one is not None]
    assert HOLT_WINTERS not in methods[: SEASONAL_FROM - 1]
    assert methods[-1] == HOLT_WINTERS
    (next_month,) = forecast(seasonal(40), 1).ahead
    assert abs(next_month.point - Decimal(str(1000 + 200 + 300 * sin(40 * pi / 6)))) < 100
    gapped = seasonal(40)
    gapped[20] = None
    assert HOLT_WINTERS not in [one.method for one in all_of(gapped)]


def test_too_few_months_have_a_forecast_and_no_interval() -> None:
    assert forecast([], 3) == forecast(series(), 3)
    assert all_of([]) == all_of(series(None, None)) == []
    for count in (1, 2):
        (one,) = forecast(series(*range(1, count + 1)), 1).ahead
        assert (one.point, one.intervals, one.known_count) == (count, (), count)
    (one,) = forecast(series(10, 13, 9), 1).ahead
    half = (Decimal(3 * 3 + 4 * 4) / 2).sqrt() * Decimal("1.959963984540054")
    assert one.intervals[1] == ((9 - half).quantize(CENT), (9 + half).quantize(CENT))


def test_an_unknown_month_is_left_out_and_counted() -> None:
    found = forecast(series(1, 2, None, 4, None), 2)
    assert [one and (one.point, one.known_count) for one in found.before] == [
        None,
        (1, 1),
        (2, 2),
        None,
        (4, 3),
    ]
    assert [(one.point, one.horizon) for one in found.ahead] == [(4, 2), (4, 3)]


@settings(max_examples=25)
@given(st.lists(SERIES, max_size=3), st.randoms(use_true_random=False))
def test_rows_in_any_order_give_the_same_table(
    many: list[list[Decimal | None]], chance: random.Random
) -> None:
    rows = [
        {
            "measure": "revenue",
            "tenant_id": f"t{number}",
            "pack_id": "(all)",
            "revenue_basis": "rated",
            "period_month": date(2020 + place // 12, place % 12 + 1, 1),
            "actual_usd": amount,
        }
        for number, amounts in enumerate(many)
        for place, amount in enumerate(amounts)
    ]
    found = months_forecast(pa.Table.from_pylist(rows, schema=MEASURED))
    shuffled = pa.Table.from_pylist(chance.sample(rows, len(rows)), schema=MEASURED)
    assert months_forecast(shuffled) == found
    assert found.schema == FORECASTS


def test_each_row_names_its_month_and_its_origin() -> None:
    rows = [
        {"measure": "cogs", "tenant_id": "t", "pack_id": "(all)", "revenue_basis": "rated"}
        | {"period_month": date(2025 + n // 12, n % 12 + 1, 1), "actual_usd": amount}
        for n, amount in ((10, Decimal(5)), (11, None), (12, Decimal(7)), (13, None))
    ]
    found = months_forecast(pa.Table.from_pylist(rows, schema=MEASURED)).to_pylist()
    assert len(found) == 2 + HORIZON
    assert [
        (row["period_month"], row["origin_month"], row["is_backtest"], row["unknown_month_count"])
        for row in (*found[:3], found[-1])
    ] == [
        (date(2025, 12, 1), date(2025, 11, 1), True, 0),
        (date(2026, 2, 1), date(2026, 1, 1), True, 1),
        (date(2026, 3, 1), date(2026, 1, 1), False, 2),
        (date(2027, 2, 1), date(2026, 1, 1), False, 2),
    ]
    assert found[2]["horizon_count"] == 2
    assert months_forecast(MEASURED.empty_table()) == FORECASTS.empty_table()
