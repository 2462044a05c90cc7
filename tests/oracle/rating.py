"""What usage costs under a plan line: small, slow, and written from the decisions, not the models.

Quantities and amounts are exact decimals. Sources: the table of contested meanings and the columns
of the catalogue. Nothing is imported from the project, and nothing here is fast.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from fractions import Fraction
from math import ceil, floor
from typing import Literal

DIGITS = Context(prec=100)
ZERO, ONE = Decimal(0), Decimal(1)
QUANTITY_DECIMALS = 9

BY_EVENT = ("basis_points", "dynamic")
TOP_TIER = ("volume", "stairstep", "blocks_top_tier")
"""Models that price by the tier that the last unit falls in; the others fill tier by tier."""


@dataclass(frozen=True)
class Tier:
    """Prices up to and with `up_to` units; without it, of all above the tier before."""

    up_to: Decimal | None
    unit_price: Decimal = ZERO
    flat_amount: Decimal = ZERO
    block_size: Decimal = ONE


@dataclass(frozen=True)
class Conversion:
    """Pricing units of a metered one, and how their number is rounded; without a function, not."""

    multiplier: int = 1
    divisor: int = 1
    function: Literal["", "round", "ceil", "floor"] = ""
    precision: int = 0


@dataclass(frozen=True)
class Terms:
    """Amounts of a line; what is none is not agreed."""

    minimum: Decimal | None = None
    maximum: Decimal | None = None
    fixed_per_event: Decimal | None = None
    free_events: int | None = None
    free_amount: Decimal | None = None
    minimum_per_event: Decimal | None = None
    maximum_per_event: Decimal | None = None
    commitment_amount: Decimal | None = None
    commitment_quantity: Decimal | None = None
    commitment_window: Literal["segment", "hour", "day"] = "segment"
    overage_factor: Decimal = ONE
    is_trued_up: bool = True
    fair_use_quantity: Decimal | None = None
    fair_use_policy: Literal["block", "overage", "notify"] = "notify"
    fair_use_unit_price: Decimal = ZERO

    @property
    def is_by_event(self) -> bool:
        of_events = (
            self.fixed_per_event,
            self.free_events,
            self.free_amount,
            self.minimum_per_event,
            self.maximum_per_event,
        )
        return any(value is not None for value in of_events)


@dataclass(frozen=True)
class Line:
    """A usage line of a plan, its tiers by value of the group ("" for any other) and its terms.

    `discounts` are ratios in the order in which they apply.
    """

    charge_model: str
    ladders: Mapping[str, tuple[Tier, ...]]
    free_quantity: Decimal = ZERO
    package_size: Decimal = ONE
    package_rounding: Literal["up", "down"] = "up"
    is_flat_charged_at_zero: bool = True
    volume_edge: Literal["accept", "full_previous_tier"] = "accept"
    tiers_per: Literal["line", "group", "hour", "day"] = "line"
    split_rating: Literal["cumulative", "each_part"] = "cumulative"
    conversion: Conversion = Conversion()
    terms: Terms = Terms()
    discounts: tuple[Decimal, ...] = ()

    @property
    def is_by_event(self) -> bool:
        return self.charge_model in BY_EVENT or (
            self.charge_model == "percentage" and self.terms.is_by_event
        )


@dataclass(frozen=True)
class Usage:
    """An event: when, as whole hours from the start of the month, how much, and of what group.

    `amount` is the price in the event itself, where it has one.
    """

    hour: int
    quantity: Decimal
    group: str = ""
    amount: Decimal | None = None


def total(values: Iterable[Decimal]) -> Decimal:
    """Their sum, to the last digit: the default context keeps 28."""
    with localcontext(DIGITS):
        return sum(values, ZERO)


@dataclass(frozen=True)
class Step:
    """A row of the breakdown: the units of a tier at its price, or one more or less amount."""

    kind: str
    amount: Decimal
    tier: int | None = None
    units: Decimal | None = None


@dataclass(frozen=True)
class Rating:
    """What a line costs, step by step."""

    steps: tuple[Step, ...] = ()

    @property
    def net(self) -> Decimal:
        return total(step.amount for step in self.steps)

    def of(self, *kinds: str) -> Decimal:
        return total(step.amount for step in self.steps if step.kind in kinds)


def rate_parts(
    line: Line,
    parts: Sequence[Sequence[Usage]],
    shares: Sequence[Fraction] = (Fraction(1),),
    minor_unit: int = 2,
) -> list[Rating]:
    """The rating of each part of a period that is rated in parts.

    Each by itself, or all so far less what the parts before came to. `shares` are the parts of the
    period that they take; what is of the whole period is not prorated where it is only cut.
    """
    if line.split_rating == "each_part":
        both = zip(parts, shares, strict=True)
        return [rate(line, part, share, minor_unit) for part, share in both]
    ratings: list[Rating] = []
    so_far: list[Usage] = []
    rated = ZERO
    for part in parts:
        so_far += part
        whole = rate(line, so_far, sum(shares, Fraction(0)), minor_unit)
        steps = (
            (*whole.steps, Step("already_rated", rated.copy_negate())) if ratings else whole.steps
        )
        ratings.append(Rating(steps))
        rated = whole.net
    return ratings


def rate(
    line: Line, events: Sequence[Usage], share: Fraction = Fraction(1), minor_unit: int = 2
) -> Rating:
    """Fair use and allowance, tiers, discounts, bounds and the commitment, in this order."""
    with localcontext(DIGITS):
        return Rating(tuple(_steps(line, events, share, minor_unit)))


def commitment_true_up(
    commitment: Decimal,
    fee: Decimal,
    rated: Sequence[Decimal],
    share: Fraction = Fraction(1),
    minor_unit: int = 2,
) -> Decimal:
    """What all that is charged of a contract falls short of its commitment, each rounded once."""
    due = _rounded(Fraction(commitment) * share, minor_unit)
    charged = [_rounded(Fraction(fee) * share, minor_unit)]
    charged += [_rounded(Fraction(amount), minor_unit) for amount in rated]
    return max(due - total(charged), ZERO)


def billed(net: Decimal, minor_unit: int = 2) -> Decimal:
    """An amount as an invoice line has it."""
    return _rounded(Fraction(net), minor_unit)


def _steps(line: Line, events: Sequence[Usage], share: Fraction, minor_unit: int) -> list[Step]:
    terms = line.terms
    steps, of_windows = _charged(line, events, share)
    steps += of_windows
    net = total(step.amount for step in steps)
    minimum = _prorated(terms.minimum, share, minor_unit)
    maximum = _prorated(terms.maximum, share, minor_unit)
    if minimum is not None and net < minimum:
        steps.append(Step("minimum", minimum - net))
        net = minimum
    if maximum is not None and net > maximum:
        steps.append(Step("maximum", maximum - net))
        net = maximum
    if terms.commitment_window == "segment":
        whole = _prorated(_commitment(line, _ladder(line, "")), share, minor_unit)
        steps += _against_commitment(terms, whole, net)
    return steps


def _charged(line: Line, events: Sequence[Usage], share: Fraction) -> tuple[list[Step], list[Step]]:
    """Steps of use and discounts, and what windows add that exceed or miss a commitment."""
    steps: list[Step] = []
    of_windows: list[Step] = []
    for rows in _rows(line, events):
        used: list[Step] = []
        for group, together in rows:
            ladder = _ladder(line, group)
            found = _window(line, ladder, together, share)
            used += found
            if line.terms.commitment_window != "segment":
                amount = total(step.amount for step in found)
                of_windows += _against_commitment(line.terms, _commitment(line, ladder), amount)
        steps += [*used, *_discounts(line, total(step.amount for step in used))]
    return steps, of_windows


def _discounts(line: Line, gross: Decimal) -> list[Step]:
    """Each is what the amount at nine decimals, and what was left of it, falls by."""
    steps: list[Step] = []
    amount = left = _rounded(Fraction(gross), QUANTITY_DECIMALS)
    share_left = Fraction(1)
    for ratio in line.discounts:
        share_left *= 1 - Fraction(ratio)
        before, left = left, _rounded(Fraction(amount) * share_left, QUANTITY_DECIMALS)
        steps.append(Step("discount", left - before))
    return steps


def _against_commitment(terms: Terms, commitment: Decimal | None, amount: Decimal) -> list[Step]:
    """What is over a commitment, at nine decimals, costs more; what is short of it is due."""
    if commitment is None:
        return []
    if amount > commitment:
        over = _rounded(Fraction(amount - commitment), QUANTITY_DECIMALS)
        return [Step("commitment_overage", over * (terms.overage_factor - 1))]
    return [Step("commitment_true_up", commitment - amount)] if terms.is_trued_up else []


Together = tuple[str, list[Usage]]
"""A group, and usage that goes through the tiers as one."""


def _rows(line: Line, events: Sequence[Usage]) -> list[list[Together]]:
    """What is rated as one row: each group seen, or all of a line with all its hours or days."""
    if line.charge_model == "matrix" or line.tiers_per == "group":
        groups = sorted({event.group for event in events})
        return [[(key, [event for event in events if event.group == key])] for key in groups]
    if line.tiers_per == "line":
        return [[("", list(events))]]
    length = 24 if line.tiers_per == "day" else 1
    windows = sorted({event.hour // length for event in events}) or [0]
    return [
        [("", [event for event in events if event.hour // length == window]) for window in windows]
    ]


def _ladder(line: Line, group: str) -> tuple[Tier, ...]:
    return line.ladders.get(group) or line.ladders.get("", ())


def _window(
    line: Line, ladder: tuple[Tier, ...], events: Sequence[Usage], share: Fraction
) -> list[Step]:
    """What the usage costs at the tiers, with nothing added or taken off."""
    if line.is_by_event:
        return _by_event(line, ladder[0], events)
    terms = line.terms
    units = _converted(total(event.quantity for event in events), line.conversion)
    free = _rounded(Fraction(line.free_quantity) * share, QUANTITY_DECIMALS)
    if terms.fair_use_quantity is None or terms.fair_use_policy == "notify":
        return _by_tier(line, ladder, max(units - free, ZERO))
    cap = _rounded(Fraction(terms.fair_use_quantity) * share, QUANTITY_DECIMALS)
    above = max(units - cap, ZERO)
    price = terms.fair_use_unit_price if terms.fair_use_policy == "overage" else ZERO
    return [
        *_by_tier(line, ladder, max(units - above - free, ZERO)),
        Step("fair_use", above * price, units=above),
    ]


def _by_event(line: Line, tier: Tier, events: Sequence[Usage]) -> list[Step]:
    """Each event at its own price: free ones first, then a share and a fixed amount, clamped."""
    terms = line.terms
    has_free = terms.free_events is not None or terms.free_amount is not None
    running = cost = ZERO
    for place, event in enumerate(events, start=1):
        amount = event.quantity if event.amount is None else event.amount
        before, running = running, running + amount
        charged = amount
        if has_free and (terms.free_events is None or place <= terms.free_events):
            if terms.free_amount is None or running <= terms.free_amount:
                continue
            charged = amount - max(terms.free_amount - before, ZERO)
        price = charged * tier.unit_price + (terms.fixed_per_event or ZERO)
        price = max(price, price if terms.minimum_per_event is None else terms.minimum_per_event)
        price = min(price, price if terms.maximum_per_event is None else terms.maximum_per_event)
        cost += price
    return [Step("event", cost, units=running)]


def _by_tier(line: Line, ladder: tuple[Tier, ...], quantity: Decimal) -> list[Step]:
    units = quantity
    if line.charge_model == "package":
        packages = Fraction(units) / Fraction(line.package_size)
        units = Decimal(ceil(packages) if line.package_rounding == "up" else floor(packages))
    if line.charge_model in TOP_TIER:
        return [_top_tier(line, ladder, units)]
    steps: list[Step] = []
    reached = ZERO
    for number, tier in enumerate(ladder, start=1):
        is_first = number == 1
        if is_first or units > reached:
            in_tier = (units if tier.up_to is None else min(units, tier.up_to)) - reached
            steps.append(_step(line, number, tier, in_tier, quantity))
        reached = reached if tier.up_to is None else tier.up_to
    return steps


def _top_tier(line: Line, ladder: tuple[Tier, ...], units: Decimal) -> Step:
    place = next(
        place for place, tier in enumerate(ladder) if tier.up_to is None or units <= tier.up_to
    )
    step = _step(line, place + 1, ladder[place], units, units)
    if line.volume_edge == "full_previous_tier" and place > 0:
        below = _top_tier(line, ladder, ladder[place - 1].up_to or ZERO)
        return Step("tier", max(step.amount, below.amount), step.tier, step.units)
    return step


def _step(line: Line, number: int, tier: Tier, units: Decimal, quantity: Decimal) -> Step:
    """Units at a tier's price, or its begun blocks, with what it costs to be there at all."""
    has_flat = quantity > 0 or line.is_flat_charged_at_zero or number > 1
    flat = tier.flat_amount if has_flat else ZERO
    if line.charge_model in ("stairstep", "flat"):
        return Step("tier", flat, number, units)
    if line.charge_model.startswith("blocks_"):
        units = Decimal(ceil(Fraction(units) / Fraction(tier.block_size)))
    return Step("tier", units * tier.unit_price + flat, number, units)


def _commitment(line: Line, ladder: tuple[Tier, ...]) -> Decimal | None:
    if line.terms.commitment_quantity is not None:
        return line.terms.commitment_quantity * ladder[0].unit_price
    return line.terms.commitment_amount


def _converted(quantity: Decimal, conversion: Conversion) -> Decimal:
    exact = Fraction(quantity) * conversion.multiplier / conversion.divisor
    if not conversion.function:
        return _rounded(exact, QUANTITY_DECIMALS)
    scaled = exact * Fraction(10) ** conversion.precision
    whole = {"ceil": ceil, "floor": floor, "round": _half_away}[conversion.function](scaled)
    return Decimal(whole).scaleb(-conversion.precision)


def _prorated(amount: Decimal | None, share: Fraction, minor_unit: int) -> Decimal | None:
    if amount is None or share == 1:
        return amount
    return _rounded(Fraction(amount) * share, minor_unit)


def _rounded(value: Fraction, decimals: int) -> Decimal:
    return Decimal(_half_away(value * 10**decimals)).scaleb(-decimals)


def _half_away(value: Fraction) -> int:
    """The nearest whole number; of two, the one that is further from zero."""
    size = floor(abs(value) + Fraction(1, 2))
    return -size if value < 0 else size
