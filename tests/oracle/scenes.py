"""Scenes of worked examples, as the oracle sees them: the same catalogue cells, no database."""

from collections.abc import Mapping
from datetime import UTC, datetime, time
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

from tests.conformance.months import next_month
from tests.conformance.scene import Column, Price, Scene
from tests.conformance.scene import Line as SceneLine
from tests.oracle.rating import (
    ONE,
    ZERO,
    Conversion,
    Line,
    Rating,
    Terms,
    Tier,
    Usage,
    billed,
    commitment_true_up,
    rate_parts,
    total,
)

TERMS = {
    "minimum_amount": "minimum",
    "maximum_amount": "maximum",
    "fixed_amount_per_event": "fixed_per_event",
    "free_event_count": "free_events",
    "free_event_amount": "free_amount",
    "minimum_amount_per_event": "minimum_per_event",
    "maximum_amount_per_event": "maximum_per_event",
}
"""Columns of plan_line_terms.csv that the oracle calls otherwise."""

NOT_RATING: tuple[Column, ...] = ("reading", "invoice net", "invoice tax", "invoice total")
"""Figures that stand in other chapters."""


def line_of(price: Price) -> Line:
    """The line that the cells of a price describe."""
    options: Mapping[str, Any] = price.options
    tiers = tuple(
        Tier(tier.up_to, tier.unit_price, tier.flat_amount, tier.block_size or ONE)
        for tier in price.tiers
    )
    return Line(
        charge_model=price.charge_model,
        ladders={"": tiers},
        free_quantity=Decimal(options.get("free_quantity", 0)),
        package_size=Decimal(options.get("package_size", 1)),
        package_rounding=options.get("package_rounding", "up"),
        is_flat_charged_at_zero=options.get("flat_at_zero", "charged") == "charged",
        volume_edge=options.get("volume_edge", "accept"),
        tiers_per=options.get("tiers_per", "line"),
        split_rating=options.get("split_rating", "cumulative"),
        conversion=Conversion(
            int(options.get("unit_multiplier", 1)),
            int(options.get("unit_divisor", 1)),
            options.get("rounding_function", ""),
            int(options.get("rounding_precision", 0)),
        ),
        terms=_terms(price.terms),
    )


def _terms(cells: Mapping[str, Any]) -> Terms:
    return Terms(**{TERMS.get(name, name): value for name, value in cells.items()})


def ratings(scene: Scene) -> list[Rating]:
    """The rating of each priced line, in the part of the month that the figures are of."""
    return [_parts(scene, line, line.price)[-1] for line in scene.lines if line.price]


def _parts(scene: Scene, line: SceneLine, price: Price) -> list[Rating]:
    start, close = _midnight(scene), scene.contract.close_date
    parts: list[list[Usage]] = [[], []] if close else [[]]
    for event in sorted(line.events, key=lambda event: event.at):
        hour = int((event.at - start).total_seconds() // 3600)
        is_later = close is not None and event.at.date() >= close
        parts[1 if is_later else 0].append(Usage(hour, event.quantity))
    return rate_parts(line_of(price), parts, shares(scene), scene.currency.minor_unit)


def shares(scene: Scene) -> list[Fraction]:
    """How much of the month each part takes in which the contract is in force."""
    start, contract = _midnight(scene), scene.contract
    end = contract.end_date or next_month(start).date()
    cuts = [contract.start_date or scene.month, contract.close_date, end]
    days = [(to - since).days for since, to in pairwise(cut for cut in cuts if cut)]
    return [Fraction(count, (next_month(start) - start).days) for count in days]


def figure(scene: Scene, found: list[Rating], column: Column, tier: int | None) -> Decimal:
    """A figure as the oracle has it; KeyError for one that is none of rating."""
    first, minor_unit = found[0], scene.currency.minor_unit
    tiers = [step for step in first.steps if step.kind == "tier"]
    of_tier = [step for step in tiers if step.tier == tier]
    contract = scene.contract
    answers: dict[str, Decimal] = {
        "rated": first.net,
        "rated of all lines": total(rating.net for rating in found),
        "line": billed(first.net, minor_unit),
        "tier": Decimal(max((step.tier or 0 for step in tiers), default=0)),
        "units": total(step.units or ZERO for step in tiers),
        "charged": first.of("tier", "event"),
        "minimum and maximum": first.of("minimum", "maximum"),
        "minimum": first.of("minimum"),
        "taken off": -first.of("maximum", "discount"),
        "rated before": first.of("already_rated"),
        "steps": Decimal(len(tiers)),
        "step units": total(step.units or ZERO for step in of_tier),
        "step amount": total(step.amount for step in of_tier),
        "true-up": commitment_true_up(
            contract.commitment_amount or ZERO,
            contract.fee_amount or ZERO,
            [rating.net for rating in found],
            sum(shares(scene), Fraction(0)),
            minor_unit,
        ),
    }
    return answers[column]


def _midnight(scene: Scene) -> datetime:
    return datetime.combine(scene.month, time(), UTC)
