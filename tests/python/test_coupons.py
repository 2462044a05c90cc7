"""Coupons take their part in order, in parts that add up, and never more than there is."""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from python_ext.coupons import Coupon, Draft, Part, Scope, take_off

START = datetime(2026, 1, 1)
CENT = Decimal("0.01")


def coupon(coupon_id: str, value: str, **changes: Any) -> Coupon:
    """A coupon on all lines: `10%` of what is left, or a fixed amount."""
    if value.endswith("%"):
        ratio = Decimal(value[:-1]) / 100
        return replace(Coupon(coupon_id, "all", START, ratio=ratio), **changes)
    return replace(Coupon(coupon_id, "all", START, amount=Decimal(value)), **changes)


def draft(
    lines: Sequence[str], coupons: Sequence[Coupon], month: int = 1, step: Decimal = CENT
) -> Draft:
    """A draft with these lines, all of them for each of the coupons."""
    numbered = {number: Decimal(amount) for number, amount in enumerate(lines, start=1)}
    return Draft(
        f"draft {month}",
        datetime(2026, month, 1),
        step,
        numbered,
        {one.coupon_id: frozenset(numbered) for one in coupons},
    )


def taken(parts: Sequence[Part]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = defaultdict(Decimal)
    for part in parts:
        found[part.coupon_id] += part.amount
    return dict(found)


@pytest.mark.parametrize(
    ("lines", "values", "expected"),
    [
        # getlago/lago, applied_coupons_service_spec, and flexprice, calculation.mdx
        (["1.00"], ["0.10", "20%"], ["0.10", "0.18"]),
        (["0.05"], ["0.10", "20%"], ["0.05"]),
        (["1.00"], ["0.10", "0.20"], ["0.10", "0.20"]),
        (["100"], ["10%", "10%"], ["10", "9"]),
        # half a cent is rounded away from zero, and all is all
        (["0.05"], ["10%"], ["0.01"]),
        (["0.33"], ["100%", "1"], ["0.33"]),
        # what is below zero takes from what there is
        (["10", "-4"], ["50%", "100"], ["3", "3"]),
        (["10", "-10"], ["50%", "1"], []),
        (["0"], ["5", "50%"], []),
    ],
)
def test_each_coupon_takes_its_part_of_what_the_ones_before_left(
    lines: list[str], values: list[str], expected: list[str]
) -> None:
    coupons = [coupon(f"c{place}", value) for place, value in enumerate(values, start=1)]
    found = taken(take_off(coupons, [draft(lines, coupons)]))
    assert list(found.values()) == [Decimal(amount) for amount in expected]


def test_line_coupons_come_first_then_those_of_the_plan_then_the_oldest() -> None:
    new = START + timedelta(days=1)
    coupons = [
        coupon("a", "1", recorded_at=new),
        coupon("b", "1"),
        coupon("c", "1", scope="plan", recorded_at=new),
        coupon("e", "1", scope="line", recorded_at=new),
        coupon("d", "1", scope="line", recorded_at=new),
    ]
    parts = take_off(coupons, [draft(["10"], coupons)])
    assert [part.coupon_id for part in parts] == ["d", "e", "c", "b", "a"]
    assert [part.sequence for part in parts] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("step", "amount", "lines", "expected"),
    [
        ("0.01", "1", ["5", "5", "5"], ["0.34", "0.33", "0.33"]),
        ("1", "100", ["50", "50", "50"], ["34", "33", "33"]),
        ("0.001", "0.002", ["1", "1", "1"], ["0.001", "0.001"]),
        ("0.01", "10", ["7", "3", "-2"], ["5.6", "2.4"]),
    ],
)
def test_what_a_coupon_takes_is_spread_by_what_is_left(
    step: str, amount: str, lines: list[str], expected: list[str]
) -> None:
    coupons = [coupon("c", amount)]
    parts = take_off(coupons, [draft(lines, coupons, step=Decimal(step))])
    assert [part.amount for part in parts] == [Decimal(part) for part in expected]


def test_a_coupon_only_touches_the_lines_that_it_is_for() -> None:
    first, rest = coupon("a", "5", scope="line"), coupon("b", "82", scope="plan")
    both = replace(
        draft(["12", "75", "13"], [first, rest]), targets={"a": frozenset({1}), "b": frozenset({2})}
    )
    parts = take_off([rest, first], [both])
    assert [(part.coupon_id, part.line_number, part.amount) for part in parts] == [
        ("a", 1, Decimal(5)),
        ("b", 2, Decimal(75)),
    ]


def test_a_coupon_is_spent_by_the_drafts_in_which_it_finds_something() -> None:
    twice = coupon("c", "5", period_count=2)
    drafts = [
        draft([amount], [twice], month) for month, amount in enumerate(["9", "0", "9", "9"], 1)
    ]
    parts = take_off([twice], reversed(drafts))
    assert [part.draft_id for part in parts] == ["draft 1", "draft 3"]
    assert take_off([replace(twice, period_count=0)], drafts) == ()


MONEY = st.integers(-2_000, 10_000).map(lambda cents: cents * CENT)


@st.composite
def scenes(draw: st.DrawFn) -> tuple[list[Coupon], list[Draft]]:
    scopes = st.sampled_from(("line", "plan", "all"))
    coupons = []
    for number in range(draw(st.integers(1, 4))):
        scope: Scope = draw(scopes)
        ratio = draw(st.none() | st.decimals(0, 1, places=3))
        coupons.append(
            Coupon(
                f"c{number}",
                scope,
                START + timedelta(days=draw(st.integers(0, 1))),
                amount=draw(MONEY.filter(lambda money: money > 0)) if ratio is None else None,
                ratio=ratio,
                period_count=draw(st.none() | st.integers(1, 2)),
            )
        )
    drafts = []
    for month in range(1, draw(st.integers(1, 3)) + 1):
        lines = dict(enumerate(draw(st.lists(MONEY, min_size=1, max_size=5)), start=1))
        subsets = st.frozensets(st.sampled_from(sorted(lines)))
        targets = {one.coupon_id: draw(subsets) for one in coupons}
        drafts.append(Draft(f"d{month}", datetime(2026, month, 1), CENT, lines, targets))
    return coupons, drafts


@given(scenes(), st.randoms())
def test_parts_are_whole_cents_and_leave_nothing_below_zero(
    scene: tuple[list[Coupon], list[Draft]], chance: random.Random
) -> None:
    coupons, drafts = scene
    parts = take_off(coupons, drafts)
    for one in drafts:
        of_draft = [part for part in parts if part.draft_id == one.draft_id]
        assert all(part.amount > 0 and part.amount % CENT == 0 for part in of_draft)
        left = dict(one.lines)
        for part in of_draft:
            assert part.line_number in one.targets[part.coupon_id]
            left[part.line_number] -= part.amount
        assert all(left[number] >= min(amount, 0) for number, amount in one.lines.items())
        for fixed in coupons:
            if fixed.amount is not None:
                assert taken(of_draft).get(fixed.coupon_id, Decimal(0)) <= fixed.amount
        if sum(one.lines.values()) >= 0 and all(
            targets == frozenset(one.lines) for targets in one.targets.values()
        ):
            assert sum(left.values()) >= 0
    for limited in coupons:
        if limited.period_count is not None:
            in_drafts = {part.draft_id for part in parts if part.coupon_id == limited.coupon_id}
            assert len(in_drafts) <= limited.period_count
    shuffled = chance.sample(coupons, len(coupons)), chance.sample(drafts, len(drafts))
    assert take_off(*shuffled) == parts
