"""Wallets pay drafts in order, from what is in force, and never more than is asked for."""

import random
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from python_ext.drawdown import Movement
from python_ext.wallet import Credit, Drawn, Payable, settle, spread

START = datetime(2026, 1, 1)
NEVER = datetime(9999, 12, 31)
AS_OF = datetime(2026, 3, 15)
FEBRUARY = datetime(2026, 2, 1)
CENT = Decimal("0.01")


def month(number: int) -> datetime:
    return datetime(2026, number, 1)


def credit(grant_id: str, amount: str | int = 100, **changes: Any) -> Credit:
    """Dollars of tenant `t` for whatever it has to pay, changed as said."""
    money = Decimal(amount)
    return replace(Credit(grant_id, "t", None, "USD", money, START, NEVER), **changes)


def payable(draft_id: str = "d", *, ends: datetime = FEBRUARY, **lines: str | int) -> Payable:
    """A draft of contract `c` with a line of each type."""
    typed = {name: (name.rstrip("0123456789"), Decimal(what)) for name, what in lines.items()}
    return Payable(draft_id, "t", "c", "USD", ends, CENT, typed)


def drawn(movements: tuple[Movement, ...]) -> dict[tuple[str, str], Decimal]:
    return {
        (movement.grant_id, movement.use_id): -movement.quantity
        for movement in movements
        if movement.movement_type == "draw" and movement.use_id
    }


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (credit("z", priority=1), credit("a", priority=2)),
        (credit("z", expires_at=month(6)), credit("a", expires_at=month(7))),
        (credit("z", kind="granted"), credit("a", kind="purchased")),
        (credit("z"), credit("a", effective_at=START + timedelta(1))),
        (credit("z"), credit("a", recorded_at=START)),
        (credit("a"), credit("b")),
    ],
)
def test_credits_pay_by_priority_expiry_kind_and_age(first: Credit, second: Credit) -> None:
    found = drawn(settle([second, first], [payable(fee=120)], AS_OF))
    assert found == {(first.grant_id, "d"): 100, (second.grant_id, "d"): 20}


def test_drafts_are_paid_in_the_order_of_their_ends_contracts_and_ids() -> None:
    drafts = [
        payable("b", ends=month(2), fee=10),
        payable("c", ends=month(2), fee=10),
        payable("a", ends=month(3), fee=10),
        replace(payable("z", ends=month(2), fee=10), contract_id="b"),
    ]
    found = drawn(settle([credit("g", 25)], drafts, AS_OF))
    assert found == {("g", "z"): 10, ("g", "b"): 10, ("g", "c"): 5}


def test_a_credit_is_of_its_tenant_contract_and_currency() -> None:
    others = [
        credit("tenant", tenant_id="u"),
        credit("contract", contract_id="d"),
        credit("currency", currency_code="EUR"),
        credit("over", expires_at=AS_OF),
        credit("not yet", effective_at=AS_OF + timedelta(1)),
    ]
    assert drawn(settle(others, [payable(fee=5)], AS_OF)) == {}
    assert drawn(settle([credit("g", contract_id="c")], [payable(fee=5)], AS_OF)) == {("g", "d"): 5}


@pytest.mark.parametrize(
    ("types", "lines", "expected"),
    [
        (("fee",), {"fee": 3, "usage": 20}, 3),
        (("fee", "usage"), {"fee": 3, "usage": 20, "commitment": 7}, 23),
        (("fee",), {"fee": 30, "adjustment": -20}, 10),
        (("fee",), {"fee": 0, "usage": 20}, 0),
        (("fee",), {"fee": -5, "usage": 20}, 0),
        (("fee",), {"fee1": 3, "fee2": 4, "usage": 20}, 7),
    ],
)
def test_a_credit_for_some_lines_pays_what_they_come_to_and_no_more_than_the_draft(
    types: tuple[str, ...], lines: dict[str, int], expected: int
) -> None:
    limited = credit("g", line_types=frozenset(types))
    found = drawn(settle([limited], [payable(**lines)], AS_OF))
    assert found.get(("g", "d"), Decimal(0)) == expected


def test_a_credit_for_all_lines_leaves_those_that_another_is_for() -> None:
    general = credit("general", 50, priority=1)
    limited = credit("limited", 100, priority=2, line_types=frozenset({"fee"}))
    found = drawn(settle([general, limited], [payable(fee=60, usage=40)], AS_OF))
    assert found == {("general", "d"): 50, ("limited", "d"): 50}


def test_what_is_left_at_its_end_expires_once_that_has_come() -> None:
    ended, later = credit("ended", expires_at=month(3)), credit("later", expires_at=month(4))
    found = settle([ended, later], [payable(ends=month(5), fee=5)], AS_OF)
    assert [(move.grant_id, move.movement_type, move.balance) for move in found] == [
        ("ended", "grant", 100),
        ("ended", "expiry", 0),
        ("later", "grant", 100),
    ]


def test_a_draft_of_nothing_or_less_is_not_paid() -> None:
    drafts = [payable("zero", fee=0), payable("below", fee=5, usage=-6)]
    assert drawn(settle([credit("g")], drafts, AS_OF)) == {}
    assert settle([], drafts, AS_OF) == ()


def test_what_issued_documents_drew_is_drawn_before_any_draft() -> None:
    facts = [Drawn("b", "issued", month(3), Decimal(40))]
    found = settle([credit("a", 10), credit("b")], [payable(fee=90)], AS_OF, facts)
    assert drawn(found) == {("b", "issued"): 40, ("a", "d"): 10, ("b", "d"): 60}


def test_what_is_paid_before_tax_is_spread_over_the_lines_that_a_credit_is_for() -> None:
    credits = [credit("all", "1.00", priority=1), credit("fee", 2, line_types=frozenset({"fee"}))]
    drafts = [payable(fee=2, usage1=1, usage2=1, adjustment=-1)]
    movements = settle(credits, drafts, AS_OF)
    assert spread(credits, drafts, movements) == {
        ("d", "fee"): 2,
        ("d", "usage1"): Decimal("0.5"),
        ("d", "usage2"): Decimal("0.5"),
    }


CENTS = st.integers(1, 5_000).map(lambda cents: cents * CENT)
TYPES = ("fee", "usage", "adjustment")


@st.composite
def scenes(draw: st.DrawFn) -> tuple[list[Credit], list[Payable]]:
    credits = [
        credit(
            f"g{number}",
            str(draw(CENTS)),
            priority=draw(st.integers(0, 2)),
            kind=draw(st.sampled_from(("granted", "purchased"))),
            expires_at=month(draw(st.integers(2, 6))),
            contract_id=draw(st.sampled_from((None, "c", "d"))),
            line_types=draw(st.frozensets(st.sampled_from(TYPES), max_size=2)),
        )
        for number in range(draw(st.integers(0, 4)))
    ]
    drafts = [
        Payable(
            f"d{number}",
            "t",
            draw(st.sampled_from(("c", "d"))),
            "USD",
            month(draw(st.integers(2, 4))),
            CENT,
            {
                f"line {place}": (draw(st.sampled_from(TYPES)), draw(CENTS) - draw(CENTS))
                for place in range(draw(st.integers(0, 4)))
            },
        )
        for number in range(draw(st.integers(0, 4)))
    ]
    return credits, drafts


@given(scenes(), st.randoms())
def test_nothing_is_lost_overdrawn_or_overpaid(
    scene: tuple[list[Credit], list[Payable]], chance: random.Random
) -> None:
    credits, drafts = scene
    movements = settle(credits, drafts, AS_OF)
    assert all(movement.balance >= 0 for movement in movements)
    for one in credits:
        assert sum(move.quantity for move in movements if move.grant_id == one.grant_id) >= 0
    paid = spread(credits, drafts, movements)
    for draft in drafts:
        by_grant = [
            (move.grant_id, -move.quantity)
            for move in movements
            if move.movement_type == "draw" and move.use_id == draft.draft_id
        ]
        in_all = sum((amount for _, amount in by_grant), Decimal(0))
        assert in_all <= max(draft.amount, Decimal(0))
        assert in_all == sum(
            (amount for (draft_id, _), amount in paid.items() if draft_id == draft.draft_id),
            Decimal(0),
        )
        for line, (_, amount) in draft.lines.items():
            assert 0 <= paid.get((draft.draft_id, line), Decimal(0)) <= max(amount, Decimal(0))
        for one in credits:
            if one.line_types:
                fitting = sum(
                    (
                        max(amount, Decimal(0))
                        for kind, amount in draft.lines.values()
                        if kind in one.line_types
                    ),
                    Decimal(0),
                )
                assert sum(amount for name, amount in by_grant if name == one.grant_id) <= fitting
    shuffled = chance.sample(credits, len(credits)), chance.sample(drafts, len(drafts))
    assert settle(*shuffled, AS_OF) == movements
