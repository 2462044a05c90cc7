"""The price of a quantity by tiers, as rating does it in SQL (fct_rated_tiers).

For charges that need to be priced where order or state rules out SQL: pools of tenants. The two
are compared in the build by assert_pooled_lines_cost_alone_what_they_are_rated.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, Inexact, localcontext
from typing import Literal

TieredModel = Literal["graduated", "volume", "package"]


@dataclass(frozen=True)
class Tier:
    """Units above `above`, up to and with `up_to`, at a price each and a flat amount."""

    above: Decimal
    up_to: Decimal
    unit_price: Decimal
    flat_amount: Decimal


def price(
    model: TieredModel,
    tiers: Sequence[Tier],
    quantity: Decimal,
    package_size: Decimal | None = None,
) -> Decimal:
    """The exact amount of `quantity` (zero or more), in the currency of the tiers.

    The first tier is reached at zero, so its flat amount is always charged; a package is charged
    whole once begun. Raises ValueError for no tiers, a quantity below zero, or a package model
    without a size.
    """
    if not tiers or quantity < 0:
        raise ValueError("a quantity of zero or more is priced by one tier or more")
    first, *others = sorted(tiers, key=lambda tier: tier.above)
    with localcontext(prec=76) as context:
        context.traps[Inexact] = True
        if model == "package":
            if not package_size:
                raise ValueError("packages need a size")
            whole, begun = divmod(quantity, package_size)
            quantity = whole + bool(begun)
        reached = [first, *(tier for tier in others if quantity > tier.above)]
        if model == "volume":
            return quantity * reached[-1].unit_price + reached[-1].flat_amount
        amounts = (
            (min(quantity, tier.up_to) - tier.above) * tier.unit_price + tier.flat_amount
            for tier in reached
        )
        return sum(amounts, Decimal(0))
