"""Grants are drawn down in order, nothing is lost, and nothing goes below zero."""

import random
from collections import defaultdict
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from python_ext.drawdown import Drawdown, Grant, Movement, Use, draw_down

START = datetime(2026, 1, 1)
END = datetime(9999, 12, 31)


def day(number: int) -> datetime:
    return START + timedelta(days=number - 1)


def grant(grant_id: str, quantity: int | str = 100, **changes: Any) -> Grant:
    """Units of account `a` in force from 1 January 2026 on, changed as said."""
    return replace(Grant(grant_id, "a", Decimal(quantity), START, END), **changes)


def use(at: datetime, quantity: int | str, use_id: str = "u", **changes: Any) -> Use:
    return replace(Use(use_id, "a", at, Decimal(quantity)), **changes)


def left(drawdown: Drawdown) -> dict[str, Decimal]:
    """Balance of each grant that has begun."""
    return {movement.grant_id: movement.balance for movement in drawdown.movements}


def told(drawdown: Drawdown, grant_id: str = "g") -> list[tuple[int, str, int, int]]:
    """Day, kind, quantity and balance of the movements of a grant."""
    return [
        ((m.at - START).days + 1, m.movement_type, int(m.quantity), int(m.balance))
        for m in drawdown.movements
        if m.grant_id == grant_id
    ]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (grant("z", priority=1), grant("a", priority=2)),
        (grant("z", expires_at=day(30)), grant("a", expires_at=day(31))),
        (grant("z", priority=1), grant("a", priority=2, expires_at=day(30))),
        (grant("z", kind="granted"), grant("a", kind="purchased")),
        (
            grant("z", kind="purchased", expires_at=day(30)),
            grant("a", kind="granted", expires_at=day(31)),
        ),
        (grant("z"), grant("a", effective_at=day(2))),
        (grant("z"), grant("a", recorded_at=day(2))),
        (grant("a"), grant("z")),
        # what recurs lapses at the end of its period
        (grant("z", recurrence="month"), grant("a", expires_at=datetime(2026, 2, 2))),
    ],
    ids=[
        "priority",
        "earliest expiry",
        "priority before expiry",
        "granted before purchased",
        "expiry before kind",
        "age",
        "age of the record",
        "id",
        "end of the period",
    ],
)
def test_grants_are_drawn_in_their_order(first: Grant, second: Grant) -> None:
    drawdown = draw_down([second, first], [use(day(5), 120)], day(6))
    assert left(drawdown) == {first.grant_id: 0, second.grant_id: 80}
    assert drawdown.unmet == {"u": 0}


def test_a_grant_is_in_force_from_its_first_instant_and_not_at_its_last() -> None:
    grants = [grant("g", effective_at=day(3), expires_at=day(5))]
    uses = [use(day(number), 10, f"u{number}") for number in range(2, 6)]
    drawdown = draw_down(grants, uses, day(9))
    assert drawdown.unmet == {"u2": 10, "u3": 0, "u4": 0, "u5": 10}
    assert told(drawdown) == [
        (3, "grant", 100, 100),
        (3, "draw", -10, 90),
        (4, "draw", -10, 80),
        (5, "expiry", -80, 0),
    ]


def test_what_is_left_rolls_over_up_to_the_limit_and_the_rest_lapses() -> None:
    grants = [
        grant(
            "g",
            recurrence="month",
            rollover_limit=Decimal(30),
            expires_at=datetime(2026, 3, 15),
        )
    ]
    uses = [use(day(10), 60), use(datetime(2026, 2, 10), 120, "v")]
    drawdown = draw_down(grants, uses, datetime(2026, 4, 1))
    assert told(drawdown) == [
        (1, "grant", 100, 100),
        (10, "draw", -60, 40),
        (32, "rollover", -30, 10),
        (32, "expiry", -10, 0),
        (32, "rollover", 30, 30),
        (32, "grant", 100, 130),
        (41, "draw", -120, 10),
        (60, "rollover", -10, 0),
        (60, "rollover", 10, 10),
        (60, "grant", 100, 110),
        (74, "expiry", -110, 0),
    ]


def test_a_month_from_the_31st_ends_on_the_last_day_of_a_shorter_one() -> None:
    grants = [grant("g", effective_at=datetime(2026, 1, 31), recurrence="month")]
    drawdown = draw_down(grants, [], datetime(2026, 4, 30))
    given = [m.at for m in drawdown.movements if m.movement_type == "grant"]
    assert [(at.month, at.day) for at in given] == [(1, 31), (2, 28), (3, 31), (4, 30)]


def test_scope_is_by_meter_and_by_pack() -> None:
    grants = [
        grant("both", 10, meter_ids=frozenset({"m"}), pack_ids=frozenset({"p"}), priority=0),
        grant("meter", 10, meter_ids=frozenset({"m", "n"}), priority=1),
        grant("pack", 10, pack_ids=frozenset({"p"}), priority=2),
        grant("other", 10, account_id="b"),
    ]
    uses = [
        use(day(2), 15, "mp", meter_id="m", pack_id="p"),
        use(day(3), 12, "nq", meter_id="n", pack_id="q"),
        use(day(4), 3, "op", meter_id="o", pack_id="p"),
        use(day(5), 1, "oq", meter_id="o", pack_id="q"),
    ]
    drawdown = draw_down(grants, uses, day(9))
    assert drawdown.unmet == {"mp": 0, "nq": 7, "op": 0, "oq": 1}
    assert left(drawdown) == {"both": 0, "meter": 0, "pack": 7, "other": 10}


def test_what_is_given_back_undoes_the_latest_part_of_the_same_use() -> None:
    grants = [grant("g", 10), grant("h", 10, priority=1)]
    uses = [use(day(2), 25), use(day(3), 4, "v")]
    assert left(draw_down(grants, uses, day(9))) == {"g": 0, "h": 0}
    for back, unmet, g, h in ((5, 0, 0, 0), (6, 0, 0, 1), (18, 0, 3, 10), (25, 0, 10, 10)):
        drawdown = draw_down(grants, [*uses, use(day(4), -back)], day(9))
        assert drawdown.unmet == {"u": unmet, "v": 4}
        assert left(drawdown) == {"g": g, "h": h}


def test_what_is_given_back_can_be_drawn_again_and_unmet_use_stays_unmet() -> None:
    uses = [use(day(2), 12), use(day(3), -5), use(day(4), 1, "v")]
    drawdown = draw_down([grant("g", 10)], uses, day(9))
    assert drawdown.unmet == {"u": 0, "v": 0}
    assert told(drawdown)[-2:] == [(3, "return", 3, 3), (4, "draw", -1, 2)]


def test_what_is_given_back_to_a_period_that_has_ended_lapses_at_once() -> None:
    grants = [grant("g", 10, expires_at=day(5))]
    drawdown = draw_down(grants, [use(day(2), 4), use(day(7), -3)], day(9))
    assert told(drawdown) == [
        (1, "grant", 10, 10),
        (2, "draw", -4, 6),
        (5, "expiry", -6, 0),
        (7, "return", 3, 3),
        (7, "expiry", -3, 0),
    ]


def test_more_given_back_than_used_is_set_off_against_later_use() -> None:
    drawdown = draw_down([grant("g")], [use(day(2), -5), use(day(3), 8)], day(9))
    assert (left(drawdown), drawdown.unmet) == ({"g": 97}, {"u": 0})
    assert draw_down([grant("g")], [use(day(2), -5)], day(9)).unmet == {"u": -5}


def test_uses_of_one_instant_are_drawn_by_meter_and_id() -> None:
    uses = [
        use(day(2), 3, "z", meter_id="m"),
        use(day(2), 3, "b", meter_id="n"),
        use(day(2), 3, "a", meter_id="n"),
    ]
    for order in (uses, uses[::-1]):
        assert draw_down([grant("g", 5)], order, day(9)).unmet == {"a": 1, "b": 3, "z": 0}


def test_a_wallet_is_drawn_in_money_by_invoice() -> None:
    """getlago/lago, invoicing_with_prepaid_credits_spec.rb: totals 17.72 and 17.69 from 39."""
    invoices = [use(day(2), "17.72", "inv-1"), use(day(3), "17.69", "inv-2")]
    wallet = grant("top-up", "39", kind="purchased")
    drawdown = draw_down([wallet], invoices, day(4))
    assert [m.balance for m in drawdown.movements] == [Decimal(x) for x in ("39", "21.28", "3.59")]


def test_digits_are_never_rounded() -> None:
    wide = Decimal("1234567890123.123456789")
    drawdown = draw_down([grant("g", str(wide))], [use(day(2), "0.000000001")], day(3))
    assert left(drawdown) == {"g": wide - Decimal("0.000000001")}


@pytest.mark.parametrize(
    ("grants", "uses", "until", "carries_unmet", "balances", "unmet"),
    [
        ([], [(2, 50)], 9, False, {}, 50),
        ([grant("g1", priority=1), grant("g2", priority=2)], [(2, 120)], 9, False, (0, 80), 0),
        ([grant("g1", expires_at=day(31)), grant("g2")], [(2, 120)], 9, False, (0, 80), 0),
        ([grant("g1"), grant("g2")], [(2, 200)], 9, False, (0, 0), 0),
        ([grant("g1", recurrence="day")], [(1, 120)], 2, True, (80,), 0),
        ([grant("g1", effective_at=day(3))], [(2, 25), (4, 25)], 9, True, (50,), 0),
        ([grant("g1", expires_at=day(2))], [(3, 50)], 9, False, (0,), 50),
        ([grant("g1", effective_at=day(10))], [(2, 50)], 5, False, {}, 50),
        (
            [grant("g1", recurrence="day", priority=1), grant("g2", effective_at=day(3))],
            [(3, 30), (3, 20)],
            3,
            False,
            (50, 100),
            0,
        ),
    ],
    ids=[f"om-credit-{number:03}" for number in (1, 3, 4, 6, 7, 8, 10, 11, 12)],
)
def test_examples_of_openmeter(
    *,
    grants: list[Grant],
    uses: list[tuple[int, int]],
    until: int,
    carries_unmet: bool,
    balances: tuple[int, ...],
    unmet: int,
) -> None:
    """openmeterio/openmeter, openmeter/credit/engine/run_test.go, with 1 January as its first day.

    There, overage is always deducted from what is granted next: `carries_unmet`. In rating it is
    billed instead.
    """
    if len(grants) == 2 and grants[1].effective_at == day(3):
        grants = [grants[0], replace(grants[1], priority=2)]
    drawdown = draw_down(
        grants,
        [use(day(number), quantity) for number, quantity in uses],
        day(until),
        carries_unmet=carries_unmet,
    )
    assert tuple(left(drawdown).values()) == tuple(balances)
    assert drawdown.unmet == {"u": unmet}


def test_unmet_use_that_is_carried_is_drawn_from_what_fits_oldest_first() -> None:
    grants = [grant("g", 10, effective_at=day(5), meter_ids=frozenset({"m"}))]
    uses = [use(day(3), 8, "v", meter_id="m"), use(day(2), 8, meter_id="m"), use(day(1), 8, "w")]
    drawdown = draw_down(grants, uses, day(9), carries_unmet=True)
    assert drawdown.unmet == {"u": 0, "v": 6, "w": 8}


@pytest.mark.parametrize(
    "grants",
    [
        [grant("g"), grant("g", 5)],
        [grant("g", 0)],
        [grant("g", -1)],
        [grant("g", expires_at=START)],
    ],
)
def test_grants_that_make_no_sense_are_refused(grants: list[Grant]) -> None:
    with pytest.raises(ValueError, match="grant g"):
        draw_down(grants, [], day(9))


quantities = st.decimals(min_value="0.000000001", max_value="50", places=9)
hours = st.integers(0, 24 * 100).map(lambda number: START + timedelta(hours=number))
grants_drawn = st.lists(
    st.builds(
        lambda grant_id, start, length, **rest: Grant(
            grant_id, effective_at=start, expires_at=start + timedelta(hours=length), **rest
        ),
        grant_id=st.uuids().map(str),
        account_id=st.sampled_from("ab"),
        quantity=quantities,
        start=hours,
        length=st.integers(1, 24 * 60),
        priority=st.integers(0, 2),
        kind=st.sampled_from(["granted", "purchased"]),
        recurrence=st.sampled_from(["none", "day", "month"]),
        rollover_limit=st.decimals(0, 60, places=9),
        meter_ids=st.frozensets(st.sampled_from("mn"), max_size=2),
        pack_ids=st.frozensets(st.sampled_from("pq"), max_size=1),
    ),
    max_size=5,
    unique_by=lambda one: one.grant_id,
)
uses_drawn = st.lists(
    st.builds(
        lambda use_id, account_id, **rest: Use(f"{account_id}{use_id}", account_id, **rest),
        use_id=st.sampled_from("uvw"),
        account_id=st.sampled_from("ab"),
        at=hours,
        quantity=st.one_of(quantities, quantities.map(lambda quantity: -quantity)),
        meter_id=st.sampled_from("mn"),
        pack_id=st.sampled_from("pq"),
    ),
    max_size=15,
)


@given(grants_drawn, uses_drawn, hours, st.booleans(), st.randoms(use_true_random=False))
def test_nothing_is_lost_nothing_goes_below_zero_and_the_order_of_rows_does_not_matter(
    grants: list[Grant],
    uses: list[Use],
    until: datetime,
    carries_unmet: bool,
    chance: random.Random,
) -> None:
    drawdown = draw_down(grants, uses, until, carries_unmet=carries_unmet)

    # The same rows in another order make the same ledger.
    shuffled = (chance.sample(grants, len(grants)), chance.sample(uses, len(uses)))
    assert draw_down(*shuffled, until, carries_unmet=carries_unmet) == drawdown

    # Granted = used + expired + left at every instant, for each grant and each of its periods.
    by_grant: dict[str, list[Movement]] = defaultdict(list)
    of_period: dict[tuple[str, int], Decimal] = defaultdict(Decimal)
    for movement in drawdown.movements:
        its = by_grant[movement.grant_id]
        its.append(movement)
        assert movement.number == len(its)
        assert movement.balance == sum(m.quantity for m in its) >= 0
        of_period[movement.grant_id, movement.period] += movement.quantity
        assert of_period[movement.grant_id, movement.period] >= 0
        signs = {"grant": 1, "draw": -1, "return": 1, "expiry": -1}
        assert movement.quantity * signs.get(movement.movement_type, movement.quantity) > 0
    for movements in by_grant.values():
        assert all(one.at <= other.at for one, other in pairwise(movements))
        assert sum(m.quantity for m in movements if m.movement_type == "rollover") == 0

    # Each use is covered or unmet; only what is in force and fits covers it.
    by_id = {one.grant_id: one for one in grants}
    of_use: dict[str, Decimal] = defaultdict(Decimal)
    for movement in drawdown.movements:
        if movement.movement_type == "draw":
            its_grant = by_id[movement.grant_id]
            assert its_grant.effective_at <= movement.at < movement.ends_at
            same = [one for one in uses if one.use_id == movement.use_id]
            assert any(its_grant.fits(one) for one in same)
            assert {one.account_id for one in same} == {its_grant.account_id}
        if movement.use_id:
            of_use[movement.use_id] -= movement.quantity
    for use_id in {one.use_id for one in uses}:
        used = sum(one.quantity for one in uses if one.use_id == use_id)
        assert used == of_use[use_id] + drawdown.unmet[use_id]
