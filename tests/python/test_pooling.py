"""A pool is priced as one, and its parts add up to that price to the last digit."""

import random
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from python_ext.largest_remainder import split
from python_ext.pooling import STEP, Member, Terms, share_pools
from python_ext.tier_ladder import Tier, TieredModel, price

OPEN = Decimal("9999999999999")


def steps(amount: Decimal) -> int:
    """The amount in units of the 18th decimal, whatever the precision of the context."""
    return int(Fraction(amount) * 10**18)


def tier(above: int, up_to: int | Decimal, unit_price: str, flat_amount: str = "0") -> Tier:
    return Tier(Decimal(above), Decimal(up_to), Decimal(unit_price), Decimal(flat_amount))


TIERS = (tier(0, 10, "5", "2"), tier(10, OPEN, "4", "1"))


@pytest.mark.parametrize(
    ("model", "quantity", "amount"),
    [
        ("graduated", "0", "2"),
        ("graduated", "10", "52"),
        ("graduated", "10.000000001", "53.000000004"),
        ("graduated", "15", "73"),
        ("volume", "0", "2"),
        ("volume", "10", "52"),
        ("volume", "10.000000001", "41.000000004"),
    ],
)
def test_a_quantity_is_priced_by_tiers(model: TieredModel, quantity: str, amount: str) -> None:
    assert price(model, TIERS[::-1], Decimal(quantity)) == Decimal(amount)


@pytest.mark.parametrize(("quantity", "amount"), [("0", 0), ("100", 75), ("100.000000001", 150)])
def test_a_package_is_priced_whole_once_begun(quantity: str, amount: int) -> None:
    assert price("package", [tier(0, OPEN, "75")], Decimal(quantity), Decimal(100)) == amount


def test_what_cannot_be_priced_is_refused() -> None:
    for model, tiers, quantity in (("volume", [], 1), ("volume", TIERS, -1), ("package", TIERS, 1)):
        with pytest.raises(ValueError, match=r"price|size"):
            price(model, tiers, Decimal(quantity))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("total", "weights", "step", "parts"),
    [
        ("0.25", {"a": "0.33", "b": "0.33", "c": "0.34"}, "0.01", ["0.08", "0.08", "0.09"]),
        ("1", {"b": "1", "a": "1", "c": "1"}, "0.01", ["0.34", "0.33", "0.33"]),
        ("-1", {"a": "1", "b": "1", "c": "1"}, "0.01", ["-0.33", "-0.33", "-0.34"]),
        ("0.05", {"a": "0", "b": "0.000"}, "0.01", ["0.03", "0.02"]),
        ("7", {"a": "0", "b": "0.000000001"}, "1", ["0", "7"]),
    ],
)
def test_the_largest_remainders_get_what_is_left(
    total: str, weights: dict[str, str], step: str, parts: list[str]
) -> None:
    found = split(Decimal(total), {key: Decimal(w) for key, w in weights.items()}, Decimal(step))
    assert list(found.items()) == [
        (key, Decimal(part)) for key, part in zip(sorted(weights), parts, strict=True)
    ]


@pytest.mark.parametrize(
    ("total", "weights"), [("1", {}), ("1", {"a": "-1", "b": "2"}), ("0.001", {"a": "1"})]
)
def test_what_cannot_be_split_is_refused(total: str, weights: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"weight|multiple"):
        split(Decimal(total), {key: Decimal(w) for key, w in weights.items()}, Decimal("0.01"))


def test_a_family_reaches_a_tier_that_none_of_its_members_reaches() -> None:
    """8 and 4 are 12: 10 at 5, 2 at 4, flat 2 and 1, in all 61, of which 8 of 12 are 40.67."""
    terms = {"p": Terms("graduated", TIERS)}
    first, second = share_pools(terms, [Member("p", "b", Decimal(4)), Member("p", "a", Decimal(8))])
    assert (first.pooled_quantity, first.pooled_amount) == (12, 61)
    assert first.attributed_amount == Decimal("40.666666666666666667")
    assert second.attributed_amount == Decimal("20.333333333333333333")
    assert (first.alone_amount, second.alone_amount) == (42, 22)


def test_a_flat_amount_of_an_unused_pool_is_split_evenly_and_no_price_is_unknown() -> None:
    members = [Member(pool, line, Decimal(0)) for pool in "pq" for line in "ab"]
    shares = share_pools({"p": Terms("volume", TIERS), "q": Terms("volume", ())}, members)
    assert [share.attributed_amount for share in shares] == [1, 1, None, None]
    assert [share.alone_amount for share in shares] == [2, 2, None, None]


def test_a_line_is_in_a_pool_once() -> None:
    with pytest.raises(ValueError, match="twice"):
        share_pools({"p": Terms("volume", TIERS)}, [Member("p", "a", Decimal(1))] * 2)


prices = st.decimals(0, 1000, places=9)
weights_drawn = st.dictionaries(
    st.text("abcdef", min_size=1, max_size=3),
    st.decimals(0, 10**12, places=9),
    min_size=1,
    max_size=8,
)


@given(st.integers(-(10**30), 10**30), weights_drawn, st.randoms(use_true_random=False))
def test_parts_add_up_and_are_off_by_less_than_a_step(
    units: int, weights: dict[str, Decimal], chance: random.Random
) -> None:
    total = Decimal(f"{units}e-18")
    parts = split(total, weights, STEP)
    assert sum(steps(part) for part in parts.values()) == units
    whole = {key: steps(weight) for key, weight in weights.items()}
    if any(whole.values()):
        for key, part in parts.items():
            off = steps(part) * sum(whole.values()) - units * whole[key]
            assert abs(off) < sum(whole.values())
    keys = chance.sample(sorted(weights), len(weights))
    assert split(total, {key: weights[key] for key in keys}, STEP) == parts


@given(
    st.sampled_from(["graduated", "volume", "package"]),
    st.lists(st.tuples(prices, prices), min_size=1, max_size=4),
    st.lists(st.tuples(st.sampled_from("pq"), st.decimals(0, 10**6, places=9)), max_size=10),
    st.randoms(use_true_random=False),
)
def test_pooled_is_the_sum_of_its_parts_whatever_the_order_of_rows(
    model: TieredModel,
    rungs: list[tuple[Decimal, Decimal]],
    lines: list[tuple[str, Decimal]],
    chance: random.Random,
) -> None:
    ends = [0, *(10 ** (number + 1) for number in range(len(rungs) - 1)), OPEN]
    tiers = tuple(
        Tier(Decimal(above), Decimal(up_to), unit_price, flat_amount)
        for above, up_to, (unit_price, flat_amount) in zip(ends, ends[1:], rungs, strict=False)
    )
    terms = {pool: Terms(model, tiers, Decimal(7)) for pool in "pq"}
    members = [Member(pool, f"l{place}", quantity) for place, (pool, quantity) in enumerate(lines)]
    shares = share_pools(terms, members)
    assert share_pools(terms, chance.sample(members, len(members))) == shares
    assert len(shares) == len(members)
    for pool in {member.pool_id for member in members}:
        its = [share for share in shares if share.pool_id == pool]
        quantity = sum((m.quantity for m in members if m.pool_id == pool), Decimal(0))
        pooled = price(model, tiers, quantity, Decimal(7))
        assert {share.pooled_amount for share in its} == {pooled}
        parts = [share.attributed_amount for share in its if share.attributed_amount is not None]
        assert sum(steps(part) for part in parts) == steps(pooled)
        assert len(parts) == len(its)
