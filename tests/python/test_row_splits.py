"""Rows of a pool over those who bear it: both sums hold, whatever the signs and sizes."""

from collections.abc import Mapping
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from python_ext.row_splits import STEP, RowSplit, Running, from_steps, in_steps, shares, split_rows

LARGEST = 10**36
"""In steps: a few such costs are the most that a column of twelve decimals has room for."""

sizes = st.one_of(st.integers(0, 20), st.integers(0, 10**15), st.integers(0, LARGEST))
signed = st.one_of(sizes, sizes.map(lambda size: -size))


@st.composite
def pools(
    draw: st.DrawFn, cost: st.SearchStrategy[int] = signed, part: st.SearchStrategy[int] = signed
) -> tuple[list[Decimal], dict[str, Decimal]]:
    """Costs of rows in their order and parts by key, with one sum."""
    parts = draw(st.lists(part, min_size=1, max_size=8))
    costs = draw(st.lists(cost, min_size=1, max_size=8))
    rest = sum(costs) - sum(parts)
    if rest:
        # What is lacking goes to the side on which it keeps the sign that was asked for.
        (parts if rest > 0 else costs).append(abs(rest))
    if not any(costs):
        costs += [1, -1]
    keys = draw(st.permutations(range(len(parts))))
    named = {f"t{key:02}": from_steps(part) for key, part in zip(keys, parts, strict=True)}
    return [from_steps(cost) for cost in draw(st.permutations(costs))], named


def total(amounts: list[Decimal]) -> int:
    return sum(in_steps(amount) for amount in amounts)


def assert_both_sums_hold(
    costs: list[Decimal], parts: Mapping[str, Decimal], rows: list[dict[str, Decimal]]
) -> None:
    assert [total(list(row.values())) for row in rows] == [in_steps(cost) for cost in costs]
    for key, part in parts.items():
        assert total([row[key] for row in rows]) == in_steps(part)


@given(pools())
def test_rows_and_parts_add_up_under_any_signs(
    pool: tuple[list[Decimal], dict[str, Decimal]],
) -> None:
    costs, parts = pool
    assert_both_sums_hold(costs, parts, split_rows(costs, parts))


@given(pools(part=sizes))
def test_a_row_is_split_into_parts_of_its_own_sign(
    pool: tuple[list[Decimal], dict[str, Decimal]],
) -> None:
    costs, parts = pool
    for cost, row in zip(costs, split_rows(costs, parts), strict=True):
        assert all(part * cost >= 0 for part in row.values())
        assert cost or not any(row.values())
    assert_both_sums_hold(costs, parts, split_rows(costs, parts))


@given(pools(cost=sizes))
def test_rows_of_one_sign_are_split_in_proportion(
    pool: tuple[list[Decimal], dict[str, Decimal]],
) -> None:
    costs, parts = pool
    whole = total(costs)
    if not whole:
        return
    for cost, row in zip(costs, split_rows(costs, parts), strict=True):
        for key, part in row.items():
            off = in_steps(part) * whole - in_steps(cost) * in_steps(parts[key])
            assert abs(off) <= (2 + len(parts)) * whole


@given(pools())
def test_no_part_is_larger_than_the_rows_and_parts_allow(
    pool: tuple[list[Decimal], dict[str, Decimal]],
) -> None:
    costs, parts = pool
    gross = sum(abs(in_steps(cost)) for cost in costs)
    borne = sum(abs(in_steps(part)) for part in parts.values())
    for cost, row in zip(costs, split_rows(costs, parts), strict=True):
        bound = abs(in_steps(cost)) * (gross + borne) + 2 * (2 + len(parts)) * gross
        assert all(abs(in_steps(part)) * gross <= bound for part in row.values())


@given(pools(), st.data())
def test_the_order_in_which_parts_come_says_nothing(
    pool: tuple[list[Decimal], dict[str, Decimal]], data: st.DataObject
) -> None:
    costs, parts = pool
    shuffled = dict(data.draw(st.permutations(list(parts.items()))))
    assert split_rows(costs, shuffled) == split_rows(costs, parts)


@given(pools(), st.data())
def test_one_row_is_split_without_the_others(
    pool: tuple[list[Decimal], dict[str, Decimal]], data: st.DataObject
) -> None:
    costs, parts = pool
    number = data.draw(st.integers(0, len(costs) - 1))
    before, whole = Running(), Running()
    for cost in costs[:number]:
        before = before.and_then(cost)
    for cost in costs:
        whole = whole.and_then(cost)
    alone = RowSplit(parts, whole).of_row(costs[number], before)
    assert alone == split_rows(costs, parts)[number]


@given(st.lists(sizes, min_size=1, max_size=8), sizes, sizes)
def test_no_share_shrinks_as_the_amount_grows(weights: list[int], amount: int, more: int) -> None:
    first, second = shares(amount, weights), shares(amount + more, weights)
    assert all(0 <= one <= other for one, other in zip(first, second, strict=True))
    assert (sum(first), sum(second)) == (amount, amount + more)
    assert shares(-amount, weights) == [-share for share in first]
    assert not any(weights) or shares(sum(weights), weights) == weights


def money(*texts: str) -> list[Decimal]:
    return [Decimal(text) for text in texts]


def test_a_third_of_a_cent_is_nobodys_loss() -> None:
    parts = dict(zip("abc", money("0.33", "0.33", "0.34"), strict=True))
    rows = split_rows(money("0.01", "0.99"), parts)
    assert rows[0] == dict(zip("abc", money("0.0033", "0.0033", "0.0034"), strict=True))


def test_a_refund_goes_back_to_those_who_bore_the_charge() -> None:
    rows = split_rows(money("100", "-40"), {"a": Decimal(15), "b": Decimal(45)})
    assert rows == [
        {"a": Decimal(25), "b": Decimal(75)},
        {"a": Decimal(-10), "b": Decimal(-30)},
    ]


def test_rows_that_cancel_out_are_split_by_weights_or_evenly() -> None:
    nothing = {"a": Decimal(0), "b": Decimal(0)}
    costs = money("10", "-10", "0")
    assert split_rows(costs, nothing)[0] == {"a": Decimal(5), "b": Decimal(5)}
    weighed = split_rows(costs, nothing, {"a": Decimal(1), "b": Decimal(4)})
    assert weighed[:2] == [{"a": Decimal(2), "b": Decimal(8)}, {"a": Decimal(-2), "b": Decimal(-8)}]
    assert_both_sums_hold(costs, nothing, weighed)


def test_days_that_cancel_out_do_not_blow_rows_up() -> None:
    parts = {"a": Decimal("100"), "b": Decimal("-99.99")}
    rows = split_rows(money("1000", "-999.99"), parts)
    assert max(abs(part) for row in rows for part in row.values()) < 1000
    assert_both_sums_hold(money("1000", "-999.99"), parts, rows)


def test_idle_capacity_below_zero_takes_its_part_of_each_row() -> None:
    rows = split_rows(money("1", "3"), {"(idle)": Decimal(-1), "a": Decimal(5)})
    assert rows == [
        {"(idle)": Decimal("-0.25"), "a": Decimal("1.25")},
        {"(idle)": Decimal("-0.75"), "a": Decimal("3.75")},
    ]


@pytest.mark.parametrize(
    ("costs", "parts", "why"),
    [
        (["1"], {"a": Decimal(2)}, "no split"),
        (["0"], {}, "no split"),
        (["0"], {"a": Decimal(1), "b": Decimal(-1)}, "no row has a cost"),
        ([str(STEP / 10)], {"a": STEP / 10}, "not a multiple"),
    ],
)
def test_what_does_not_add_up_is_refused(
    costs: list[str], parts: dict[str, Decimal], why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        split_rows(money(*costs), parts)
