"""Tiers pooled over a family of tenants, and their price attributed back by usage.

The quantities of all members are priced as one, so that each profits from the tier that all of
them reach together; each bears the part of that price that it has of the quantity.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, Inexact, localcontext

from python_ext.largest_remainder import split
from python_ext.tier_ladder import Tier, TieredModel, price

STEP = Decimal("1e-18")
"""Rated amounts have 18 decimals: a quantity of 9 times a price of 9."""


@dataclass(frozen=True)
class Terms:
    """How a pool is priced; without tiers (no price in the currency) its amounts are unknown."""

    model: TieredModel
    tiers: tuple[Tier, ...]
    package_size: Decimal | None = None


@dataclass(frozen=True)
class Member:
    """A line of a contract in a pool, with its billable quantity, zero or more."""

    pool_id: str
    line_id: str
    quantity: Decimal


@dataclass(frozen=True)
class Share:
    """What a line bears of its pool, and what it would cost alone; None is unknown."""

    pool_id: str
    line_id: str
    pooled_quantity: Decimal
    pooled_amount: Decimal | None
    attributed_amount: Decimal | None
    alone_amount: Decimal | None


def share_pools(terms: Mapping[str, Terms], members: Iterable[Member]) -> tuple[Share, ...]:
    """Price each pool as one and split it over its lines by quantity, by pool and line.

    The attributed amounts of a pool add up to its price; a flat amount that is charged although
    nothing was used is split evenly. The order of the inputs does not matter. Raises ValueError
    for a line that is in a pool twice, and KeyError for a pool without terms.
    """
    pools: dict[str, dict[str, Decimal]] = defaultdict(dict)
    for member in members:
        if member.line_id in pools[member.pool_id]:
            raise ValueError(f"line {member.line_id} is in pool {member.pool_id} twice")
        pools[member.pool_id][member.line_id] = member.quantity
    shares: list[Share] = []
    with localcontext(prec=76) as context:
        context.traps[Inexact] = True
        for pool_id, quantities in sorted(pools.items()):
            of_pool = terms[pool_id]
            pooled_quantity = sum(quantities.values(), Decimal(0))
            pooled = _price(of_pool, pooled_quantity)
            parts = None if pooled is None else split(pooled, quantities, STEP)
            shares += (
                Share(
                    pool_id,
                    line_id,
                    pooled_quantity,
                    pooled,
                    None if parts is None else parts[line_id],
                    _price(of_pool, quantity),
                )
                for line_id, quantity in sorted(quantities.items())
            )
    return tuple(shares)


def _price(terms: Terms, quantity: Decimal) -> Decimal | None:
    if not terms.tiers:
        return None
    return price(terms.model, terms.tiers, quantity, terms.package_size)
