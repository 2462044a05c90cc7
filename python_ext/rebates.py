"""Retroactive volume rebates: a tier of the year, once reached, re-prices the months before.

Until a tier is reached, months cost what they were rated at. The month that takes the year's
quantity above a tier is charged at the tier's price, and so is all of the year before it: the
difference to what those months had cost by then is booked in that month, a row for each.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, Inexact, localcontext

ZERO = Decimal(0)


@dataclass(frozen=True)
class YearTier:
    """From more than `above` units in the year on, all units of the year cost `unit_price`."""

    number: int
    above: Decimal
    unit_price: Decimal


@dataclass(frozen=True)
class Month:
    """What a month used, zero or more, and what it was rated at; None is unknown."""

    rebate_id: str
    month: date
    quantity: Decimal
    rated_amount: Decimal | None


@dataclass(frozen=True)
class Repricing:
    """A change of what `month` costs, booked in `booked_month`: new less former is the delta."""

    rebate_id: str
    tier_number: int
    booked_month: date
    month: date
    quantity: Decimal
    former_amount: Decimal | None
    new_amount: Decimal

    @property
    def delta_amount(self) -> Decimal | None:
        return None if self.former_amount is None else self.new_amount - self.former_amount


def reprice(
    ladders: Mapping[str, Sequence[YearTier]], months: Iterable[Month]
) -> tuple[Repricing, ...]:
    """The re-pricings of each rebate by booked month and month; `ladders` are tiers by rebate.

    Once a tier is reached: rated amounts + all deltas so far = the year's quantity so far x the
    tier's price. Later months of the same tier are re-priced in themselves. The order of the
    inputs does not matter. Raises ValueError for a month that comes twice or is below zero, or
    prices of unknown rebates.
    """
    by_rebate: dict[str, list[Month]] = defaultdict(list)
    for month in months:
        if month.rebate_id not in ladders or month.quantity < 0:
            raise ValueError(f"{month} has no ladder, or is below zero")
        by_rebate[month.rebate_id].append(month)
    found: list[Repricing] = []
    with localcontext(prec=76) as context:
        context.traps[Inexact] = True
        for rebate_id, its_months in sorted(by_rebate.items()):
            found += _of_year(ladders[rebate_id], sorted(its_months, key=lambda one: one.month))
    return tuple(found)


def _of_year(ladder: Sequence[YearTier], months: Sequence[Month]) -> list[Repricing]:
    found: list[Repricing] = []
    so_far = ZERO
    costs: dict[date, Decimal | None] = {}
    for place, month in enumerate(months, start=1):
        if month.month in costs:
            raise ValueError(f"{month.month} of rebate {month.rebate_id} comes twice")
        so_far += month.quantity
        costs[month.month] = month.rated_amount
        reached = [tier for tier in ladder if so_far > tier.above]
        if not reached:
            continue
        tier = max(reached, key=lambda tier: tier.above)
        for other in months[:place]:
            former, new = costs[other.month], other.quantity * tier.unit_price
            if former != new:
                found.append(
                    Repricing(
                        month.rebate_id,
                        tier.number,
                        month.month,
                        other.month,
                        other.quantity,
                        former,
                        new,
                    )
                )
                costs[other.month] = new
    return found
