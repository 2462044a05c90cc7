"""Plan lines and usage at random, with a taste for the values that break rating."""

from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import accumulate
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, assume, given, seed, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from tests.oracle.rating import ONE, ZERO, Conversion, Line, Terms, Tier, Usage

TINY = Decimal("0.000000001")
LARGEST = Decimal(10**13)
"""The first number of units that has no amount: the models list it as unpriced."""

T = TypeVar("T")
QUICK: dict[str, Any] = {
    "database": None,
    "deadline": None,
    "phases": (Phase.generate,),
    "suppress_health_check": tuple(HealthCheck),
}
GROUPS = ("eu", "us", "other")


@dataclass(frozen=True)
class Plan:
    """A line of the plan of one of the contracts, and what is used of it.

    The first event is landed with `overstated` more, which another event then takes back.
    """

    contract: int
    line: Line
    events: tuple[Usage, ...]
    overstated: Decimal = ZERO


def draw_plans(count: int, number: int, contracts: int) -> list[Plan]:
    """So many different plans, the same ones for the same `number`."""
    found: list[Plan] = []

    @seed(number)
    @settings(max_examples=count, **QUICK)
    @given(plans(contracts))
    def collect(plan: Plan) -> None:
        assume(_most_units(plan) * _highest_price(plan.line) < LARGEST)
        found.append(plan)

    collect()
    return found


def _most_units(plan: Plan) -> Decimal:
    """At least as many as any window of the plan has."""
    line = plan.line
    used = sum((abs(event.quantity) for event in plan.events), plan.overstated)
    return used * line.conversion.multiplier / min(line.package_size, ONE) + ONE


def _highest_price(line: Line) -> Decimal:
    """At least one, as what has no place as a quantity has none as an amount either."""
    prices = [tier.unit_price for tiers in line.ladders.values() for tier in tiers]
    return max([*prices, line.terms.fair_use_unit_price, ONE])


def nanos(lowest: int, highest: int) -> SearchStrategy[Decimal]:
    """Numbers with up to nine decimals, in billionths."""
    return st.integers(lowest, highest).map(lambda value: Decimal(value).scaleb(-9))


def some(*texts: str) -> SearchStrategy[Decimal]:
    return st.sampled_from([Decimal(text) for text in texts])


PRICES = some("0", "0.000000001", "0.0035", "0.3335", "1", "1.33333", "33.3", "999.999999999")
PRICES |= nanos(0, 10**12)
AMOUNTS = some("0.01", "2", "99.995", "100", "12345.678901234") | nanos(0, 10**13)
WIDTHS = some("0.000000001", "0.01", "1", "10", "100", "1000", "99999.5") | nanos(1, 10**13)
SIZES = some("0.125", "0.3", "1", "2.5", "7", "10", "100", "1000")
BLOCKS = some("1", "2.5", "7", "10", "100", "1000")
"""Blocks of less than a unit are not here: an open tier of them overflows fct_plan_tiers."""

SMALL = some("0", "0.000000001", "0.5", "1", "9.999999999", "10", "1000") | nanos(0, 10**12)
QUANTITIES = SMALL | some("1000000000000", "123456789.987654321") | nanos(0, 10**17)
FACTORS = some("1", "1.5", "2", "0.25", "1.333333")
RATIOS = some("0", "0.1", "0.05", "0.125", "0.5", "0.999", "1")


SOME_WIDTHS = st.lists(WIDTHS, max_size=4)
SOME_RATIOS = st.lists(RATIOS, max_size=3)
SOME_QUANTITIES = st.lists(QUANTITIES, max_size=3)
SOME_AMOUNTS = st.lists(SMALL | AMOUNTS, max_size=5)
NO_OR_AMOUNT = st.none() | AMOUNTS
NO_OR_SMALL = st.none() | SMALL.filter(bool)
NO_OR_COUNT = st.none() | st.integers(1, 4)
YES_OR_NO = st.booleans()
UNITS_COMMITTED = SMALL.filter(bool)


def one_of(*values: T) -> SearchStrategy[T]:
    """One of the values; the strategy is made once for each choice of them."""
    return _CHOICES.setdefault(values, st.sampled_from(values))


_CHOICES: dict[tuple[Any, ...], SearchStrategy[Any]] = {}


def _ladders(draw: DrawFn, charge_model: str) -> tuple[Tier, ...]:
    widths = draw(SOME_WIDTHS) if charge_model in LADDERS else []
    is_step, is_block = charge_model == "stairstep", charge_model.startswith("blocks_")
    return tuple(
        Tier(
            end,
            ZERO if is_step or charge_model == "flat" else draw(PRICES),
            draw(AMOUNTS) if is_step or charge_model == "flat" or draw(YES_OR_NO) else ZERO,
            draw(BLOCKS) if is_block else Decimal(1),
        )
        for end in [*accumulate(widths), None]
    )


def _bounds(draw: DrawFn) -> Terms:
    low, high = sorted((draw(AMOUNTS), draw(AMOUNTS)))
    return Terms(minimum=draw(one_of(low, None)), maximum=draw(one_of(high, None)))


def _commitments(draw: DrawFn, charge_model: str, tiers_per: str) -> Terms:
    is_of_units = charge_model == "per_unit" and tiers_per != "group" and draw(YES_OR_NO)
    windows = ("segment", tiers_per) if tiers_per in ("hour", "day") else ("segment",)
    return Terms(
        commitment_amount=None if is_of_units else draw(AMOUNTS),
        commitment_quantity=draw(UNITS_COMMITTED) if is_of_units else None,
        commitment_window=draw(one_of(*windows)),
        overage_factor=draw(FACTORS),
        is_trued_up=draw(YES_OR_NO),
    )


def _fair_use(draw: DrawFn) -> Terms:
    return Terms(
        fair_use_quantity=draw(SMALL),
        fair_use_policy=draw(one_of("block", "overage", "notify")),
        fair_use_unit_price=draw(PRICES),
    )


def _of_events(draw: DrawFn) -> Terms:
    low, high = sorted((draw(AMOUNTS), draw(AMOUNTS)))
    return Terms(
        fixed_per_event=draw(NO_OR_AMOUNT),
        free_events=draw(NO_OR_COUNT),
        free_amount=draw(NO_OR_SMALL),
        minimum_per_event=draw(one_of(low, None)),
        maximum_per_event=draw(one_of(high, None)),
    )


MODELS = (
    "flat",
    "per_unit",
    "graduated",
    "volume",
    "package",
    "stairstep",
    "percentage",
    "graduated_percentage",
    "basis_points",
    "blocks_all_tiers",
    "blocks_top_tier",
    "dynamic",
    "matrix",
)
LADDERS = (
    "graduated",
    "volume",
    "stairstep",
    "graduated_percentage",
    "blocks_all_tiers",
    "blocks_top_tier",
)


def _lines(draw: DrawFn) -> Line:
    model = draw(one_of(*MODELS))
    is_by_event = model in ("basis_points", "dynamic")
    tiers_per = draw(one_of("line", "line", "line", "group", "hour", "day"))
    tiers_per = "line" if is_by_event else "group" if model == "matrix" else tiers_per
    is_grouped = tiers_per == "group"
    names = draw(st.sets(st.sampled_from(GROUPS[:2]))) if is_grouped else set()
    line = Line(
        charge_model=model,
        ladders={name: _ladders(draw, model) for name in ("", *sorted(names))},
        tiers_per=tiers_per,  # type: ignore[arg-type]
        is_flat_charged_at_zero=model == "flat" or draw(YES_OR_NO),
        volume_edge=draw(one_of("accept", "full_previous_tier")),
        split_rating=draw(one_of("cumulative", "cumulative", "each_part")),
        discounts=tuple(draw(SOME_RATIOS)),
    )
    if model == "package":
        rounding = draw(one_of("up", "down"))
        line = replace(line, package_size=draw(SIZES))
        # Usage that makes no whole package is none to the models, but not to the catalogue's words.
        is_charged = line.is_flat_charged_at_zero or rounding == "down"
        line = replace(line, package_rounding=rounding, is_flat_charged_at_zero=is_charged)  # type: ignore[arg-type]
    if not is_by_event and draw(YES_OR_NO):
        line = replace(line, conversion=_conversions(draw))
    if tiers_per == "line" and not is_by_event and draw(YES_OR_NO):
        line = replace(line, free_quantity=draw(SMALL))
    return replace(line, terms=_terms(draw, line))


def _terms(draw: DrawFn, line: Line) -> Terms:
    """Those of at most one kind, and bounds besides."""
    kinds = ["none", "bounds", "commitment"]
    model = line.charge_model
    if model in ("basis_points", "dynamic"):
        kinds = ["none", "bounds", "events"]
    elif model == "percentage" and line.tiers_per == "line":
        kinds += ["events", "events"]
    if line.tiers_per == "line" and "events" not in kinds:
        kinds.append("fair use")
    kind = draw(one_of(*kinds))
    found = {
        "none": lambda: Terms(),
        "bounds": lambda: _bounds(draw),
        "commitment": lambda: _commitments(draw, model, line.tiers_per),
        "events": lambda: _of_events(draw),
        "fair use": lambda: _fair_use(draw),
    }[kind]()
    limits = _bounds(draw) if kind != "none" and draw(YES_OR_NO) else found
    return replace(found, minimum=limits.minimum, maximum=limits.maximum)


def _conversions(draw: DrawFn) -> Conversion:
    return Conversion(
        multiplier=draw(one_of(1, 1, 3)),
        divisor=draw(one_of(1, 7, 60, 1000, 1024)),
        function=draw(one_of("", "round", "ceil", "floor")),
        precision=draw(st.integers(-3, 9)),
    )


@st.composite
def plans(draw: DrawFn, contracts: int) -> Plan:
    line = _lines(draw)
    contract = draw(st.integers(0, contracts - 1))
    if line.is_by_event:
        # It is priced by itself, so an event is never below zero.
        quantities = draw(SOME_AMOUNTS)
        line = replace(line, free_quantity=ZERO, conversion=Conversion())
    else:
        quantities = _metered(draw, line)
    events = [
        Usage(draw(st.integers(0, 17 * 24 - 1)), quantity, draw(one_of(*GROUPS)))
        for quantity in quantities
    ]
    if line.charge_model == "dynamic" and draw(YES_OR_NO):
        events = [replace(event, quantity=Decimal(1), amount=event.quantity) for event in events]
    is_corrected = bool(events) and events[0].quantity > 0 and draw(YES_OR_NO)
    overstated = draw(SMALL) if is_corrected else ZERO
    return Plan(contract, line, tuple(events), overstated)


def _metered(draw: DrawFn, line: Line) -> list[Decimal]:
    """Up to four events, of which all but the last are arbitrary, and all make a nasty quantity."""
    if draw(st.integers(0, 9)) == 0:
        return []
    ends = [tier.up_to for ladder in line.ladders.values() for tier in ladder if tier.up_to]
    edges = [edge + line.free_quantity for edge in (ZERO, *ends, line.package_size)]
    edges += [line.terms.fair_use_quantity or ZERO, line.terms.commitment_quantity or ZERO]
    step = draw(one_of(-TINY, ZERO, ZERO, TINY))
    total = draw(st.sampled_from(edges)) + step if draw(YES_OR_NO) else draw(QUANTITIES)
    if draw(st.integers(0, 9)) == 0:
        total = -total
    first = draw(SOME_QUANTITIES)
    if line.tiers_per == "line" or not first:
        rest = total - sum(first, ZERO)
        return [*first, rest] if rest else first
    return [*first, total]
