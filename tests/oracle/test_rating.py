"""The oracle, option by option, against amounts worked out by hand."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from tests.oracle.rating import (
    Conversion,
    Line,
    Terms,
    Tier,
    Usage,
    billed,
    commitment_true_up,
    rate,
    rate_parts,
)

LADDER = (Tier(Decimal(10), Decimal(2), Decimal(5)), Tier(None, Decimal(1), Decimal(3)))


def line(charge_model: str, *tiers: Tier, **options: object) -> Line:
    return replace(Line(charge_model, {"": tiers or (Tier(None, Decimal(1)),)}), **options)  # type: ignore[arg-type]


def net(
    line: Line, *quantities: str, share: Fraction = Fraction(1), minor_unit: int = 2
) -> Decimal:
    events = [Usage(hour, Decimal(quantity)) for hour, quantity in enumerate(quantities)]
    return rate(line, events, share, minor_unit).net


@pytest.mark.parametrize(
    ("model", "quantity", "amount"),
    [
        ("graduated", "0", "5"),
        ("graduated", "10", "25"),
        ("graduated", "10.000000001", "28.000000001"),
        ("volume", "10", "25"),
        ("volume", "10.000000001", "13.000000001"),
        ("stairstep", "10", "5"),
        ("stairstep", "11", "3"),
        ("graduated", "-4", "5"),
        ("volume", "1000000000000", "1000000000003"),
    ],
)
def test_tiers_end_with_their_bound(model: str, quantity: str, amount: str) -> None:
    assert net(line(model, *LADDER), quantity) == Decimal(amount)


def test_the_flat_amount_of_the_first_tier_may_wait_for_usage() -> None:
    waiting = line("graduated", *LADDER, is_flat_charged_at_zero=False)
    assert [net(waiting, quantity) for quantity in ("0", "-1", "0.000000001")] == [
        Decimal(0),
        Decimal(0),
        Decimal("5.000000002"),
    ]


def test_a_volume_price_may_not_fall_below_the_full_tier_before() -> None:
    kept = line("volume", *LADDER, volume_edge="full_previous_tier")
    assert [net(kept, quantity) for quantity in ("10", "11", "30")] == [
        Decimal(25),
        Decimal(25),
        Decimal(33),
    ]


def test_a_package_is_begun_or_whole() -> None:
    priced = line(
        "package", Tier(None, Decimal(7)), package_size=Decimal("2.5"), free_quantity=Decimal(1)
    )
    down = replace(priced, package_rounding="down")
    for quantity, begun, whole in (("1", 0, 0), ("1.1", 7, 0), ("3.5", 7, 7), ("8.4", 21, 14)):
        assert net(priced, quantity) == begun
        assert net(down, quantity) == whole


def test_an_allowance_is_prorated_and_rounded_to_nine_decimals() -> None:
    free = line("per_unit", Tier(None, Decimal(1)), free_quantity=Decimal(1))
    assert net(free, "1", share=Fraction(1, 3)) == Decimal("0.666666667")


def test_a_bound_is_prorated_and_rounded_to_the_minor_unit() -> None:
    bound = line("per_unit", terms=Terms(minimum=Decimal(10), maximum=Decimal(20)))
    third = Fraction(1, 3)
    assert net(bound, "1", share=third) == Decimal("3.33")
    assert net(bound, "100", share=third, minor_unit=0) == Decimal(7)
    assert [net(bound, quantity) for quantity in ("9", "15", "21")] == [
        Decimal(10),
        Decimal(15),
        Decimal(20),
    ]


@pytest.mark.parametrize(
    ("function", "precision", "units"),
    [("", 0, "0.142857143"), ("ceil", 0, "1"), ("floor", 2, "0.14"), ("round", 1, "0.1")],
)
def test_a_unit_is_converted_before_the_allowance(
    function: str, precision: int, units: str
) -> None:
    conversion = Conversion(1, 7000, function, precision)  # type: ignore[arg-type]
    assert net(line("per_unit", conversion=conversion), "1000") == Decimal(units)


def test_rounding_a_unit_to_tens_goes_away_from_zero() -> None:
    tens = line("per_unit", conversion=Conversion(1, 1, "round", -1))
    assert net(tens, "125") == Decimal(130)


def test_events_have_their_own_bounds_and_free_ones_come_first() -> None:
    terms = Terms(
        fixed_per_event=Decimal(1),
        free_events=2,
        free_amount=Decimal(100),
        maximum_per_event=Decimal(9),
    )
    priced = line("percentage", Tier(None, Decimal("0.1")), terms=terms)
    # 60 is free; of 80, 40 are and 40 cost 4 + 1; 1000 would cost 101.
    assert net(priced, "60", "80", "1000") == Decimal(5 + 9)
    assert net(replace(priced, terms=Terms(minimum_per_event=Decimal(2))), "5", "50") == Decimal(
        2 + 5
    )


def test_a_dynamic_price_stands_in_the_event() -> None:
    events = [Usage(0, Decimal(3), amount=Decimal("1.5")), Usage(1, Decimal(4))]
    assert rate(line("dynamic", Tier(None, Decimal(2))), events).net == Decimal(11)


def test_groups_hours_and_days_go_through_the_tiers_by_themselves() -> None:
    events = [Usage(0, Decimal(8), "eu"), Usage(1, Decimal(8), "us"), Usage(25, Decimal(8), "eu")]
    amounts = {
        unit: rate(line("graduated", *LADDER, tiers_per=unit), events).net
        for unit in ("line", "group", "hour", "day")
    }
    once, twice = Decimal(21), Decimal(25 + 3 + 6)
    assert amounts == {
        "line": Decimal(25 + 3 + 14),
        "group": once + twice,
        "hour": once * 3,
        "day": twice + once,
    }


def test_a_matrix_has_a_price_for_a_group_and_one_for_all_others() -> None:
    ladders = {"eu": (Tier(None, Decimal(3)),), "": (Tier(None, Decimal(2)),)}
    events = [Usage(0, Decimal(1), "eu"), Usage(0, Decimal(1), "us"), Usage(0, Decimal(1))]
    assert rate(Line("matrix", ladders), events).net == Decimal(7)


def test_blocks_are_begun_in_each_tier_or_in_the_top_one() -> None:
    tiers = (
        Tier(Decimal(10), Decimal(1), block_size=Decimal(4)),
        Tier(None, Decimal(2), block_size=Decimal(8)),
    )
    assert net(line("blocks_all_tiers", *tiers), "11") == Decimal(3 + 2)
    assert net(line("blocks_top_tier", *tiers), "11") == Decimal(4)
    edge = line("blocks_top_tier", *tiers, volume_edge="full_previous_tier")
    assert net(replace(edge), "10.5") == Decimal(4)


def test_what_exceeds_a_commitment_costs_more_and_what_falls_short_is_due() -> None:
    terms = Terms(commitment_quantity=Decimal(10), overage_factor=Decimal("1.5"))
    priced = line("per_unit", Tier(None, Decimal(2)), terms=terms)
    assert [net(priced, quantity) for quantity in ("0", "10", "14")] == [
        Decimal(20),
        Decimal(20),
        Decimal(32),
    ]
    assert net(replace(priced, terms=replace(terms, is_trued_up=False)), "4") == Decimal(8)
    windows = replace(priced, terms=replace(terms, commitment_window="hour"), tiers_per="hour")
    assert net(windows, "4", "14") == Decimal(20 + 32)


@pytest.mark.parametrize(("policy", "amount"), [("block", 20), ("overage", 50), ("notify", 26)])
def test_use_beyond_what_is_fair_is_waived_or_charged_or_only_told(
    policy: str, amount: int
) -> None:
    terms = Terms(
        fair_use_quantity=Decimal(10),
        fair_use_policy=policy,  # type: ignore[arg-type]
        fair_use_unit_price=Decimal(10),
    )
    assert net(line("per_unit", Tier(None, Decimal(2)), terms=terms), "13") == Decimal(amount)


def test_discounts_follow_one_another_and_come_before_the_minimum() -> None:
    cut = line(
        "per_unit", discounts=(Decimal("0.5"), Decimal("0.5")), terms=Terms(minimum=Decimal(30))
    )
    assert (net(cut, "200"), net(cut, "100")) == (Decimal(50), Decimal(30))


def test_parts_add_up_to_the_whole_unless_each_stands_alone() -> None:
    priced = line("volume", *LADDER)
    parts = [[Usage(0, Decimal(8))], [Usage(1, Decimal(1))], [Usage(2, Decimal(6))]]
    thirds = [Fraction(1, 3)] * 3
    together = [rating.net for rating in rate_parts(priced, parts, thirds)]
    assert together == [Decimal(21), Decimal(2), Decimal(-5)]
    alone = rate_parts(replace(priced, split_rating="each_part"), parts, thirds)
    assert [rating.net for rating in alone] == [Decimal(21), Decimal(7), Decimal(17)]


def test_a_contract_is_trued_up_against_rounded_fees_and_lines() -> None:
    third = Fraction(1, 3)
    assert commitment_true_up(
        Decimal(100), Decimal(10), [Decimal("1.005"), Decimal("1.004")], third
    ) == Decimal("27.99")
    assert commitment_true_up(Decimal(1), Decimal(10), []) == 0
    assert (billed(Decimal("-0.5"), 0), billed(Decimal("1.0005"), 3)) == (
        Decimal(-1),
        Decimal("1.001"),
    )
