"""Splitting the rows of a cost pool over those who bear it, exact on both sides.

Rows are taken in their order, and each gets the split of all rows up to it less that of all before
it. So a row's parts add up to the row, and what one bears of all rows is its part of the pool; one
row can be split without the others, from what they come to. The split of a sum goes from one to
the next, each time rounding a share of what is left: as the sum grows no one's part shrinks, so
that a row splits into parts of its own sign. (Largest remainders would not do: there a part may
shrink by a step while the sum grows.)

Where a pool has parts of either sign (idle capacity below zero, days that cancel out), a row is
split between the two sides first, in proportion to its size, as a plain ratio to a sum near zero
would blow it up without bound.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal

STEP = Decimal("0.000000000001")
"""Costs are whole numbers of it."""

EXACT = Context(prec=100)


@dataclass(frozen=True)
class Running:
    """What rows of a pool come to up to a place in their order: with their signs, and without."""

    net: Decimal = Decimal(0)
    gross: Decimal = Decimal(0)

    def and_then(self, cost: Decimal) -> "Running":
        return Running(EXACT.add(self.net, cost), EXACT.add(self.gross, cost.copy_abs()))


class RowSplit:
    """How the rows of one pool are split over its parts; both are costs of one currency.

    `parts` says what each key bears of the pool and `whole` what its rows come to. Where no one
    bears anything, because the rows cancel out, they are split by `weights` (zero or more), evenly
    without. Keys go by their order, not by that of `parts`. Raises ValueError where the parts do
    not add up to the rows, a cost has more than 12 decimals, or there is nothing to split by.
    """

    def __init__(
        self,
        parts: Mapping[str, Decimal],
        whole: Running,
        weights: Mapping[str, Decimal] | None = None,
    ) -> None:
        self.keys = sorted(parts)
        steps = [in_steps(parts[key]) for key in self.keys]
        self._net, self._gross = in_steps(whole.net), in_steps(whole.gross)
        self._above = [max(part, 0) for part in steps]
        self._below = [max(-part, 0) for part in steps]
        above, below = sum(self._above), sum(self._below)
        if above - below != self._net or not self.keys:
            raise ValueError(f"parts of {from_steps(above - below)} are no split of {whole.net}")
        if above and below and not self._gross:
            raise ValueError("no row has a cost, and parts have")
        self._weights = [in_steps((weights or {}).get(key, Decimal(0))) for key in self.keys]

    def of_row(self, cost: Decimal, before: Running) -> dict[str, Decimal]:
        """The parts of a row by key; `before` is what the rows before it come to."""
        first, last = self._up_to(before), self._up_to(before.and_then(cost))
        return {
            key: from_steps(end - start)
            for key, start, end in zip(self.keys, first, last, strict=True)
        }

    def _up_to(self, running: Running) -> list[int]:
        net, gross = in_steps(running.net), in_steps(running.gross)
        above, below = sum(self._above), sum(self._below)
        if not above + below:
            return shares(net, self._weights)
        # Of each row the two sides bear their shares of its cost, and of what these lack its share
        # by size; where all rows or all parts have one sign, that is the plain proportion.
        for_above = net if not below else 0
        if above and below:
            both = above + below
            for_above = _half_away(
                above * (net * self._gross + (both - self._net) * gross), both * self._gross
            )
        added, taken = shares(for_above, self._above), shares(for_above - net, self._below)
        return [plus - minus for plus, minus in zip(added, taken, strict=True)]


def split_rows(
    costs: Iterable[Decimal],
    parts: Mapping[str, Decimal],
    weights: Mapping[str, Decimal] | None = None,
) -> list[dict[str, Decimal]]:
    """Split all rows of a pool, in their order; see RowSplit."""
    costs = list(costs)
    running = [Running()]
    for cost in costs:
        running.append(running[-1].and_then(cost))
    split = RowSplit(parts, running[-1], weights)
    return [split.of_row(*row) for row in zip(costs, running[:-1], strict=True)]


def shares(amount: int, weights: list[int]) -> list[int]:
    """`amount` in whole steps by `weights`, none below zero; evenly where all are zero.

    No share shrinks in size as the amount grows, and the shares of the sum of the weights are the
    weights themselves.
    """
    rest, left = abs(amount), sum(weights)
    if not left:
        weights, left = [1] * len(weights), len(weights)
    found = []
    for weight in weights:
        share = (2 * rest * weight + left) // (2 * left) if left else 0
        found.append(share if amount > 0 else -share)
        rest, left = rest - share, left - weight
    return found


def in_steps(amount: Decimal, step: Decimal = STEP) -> int:
    """Raises ValueError for an amount that is not a whole number of steps."""
    whole, rest = divmod(amount.as_integer_ratio()[0] * int(1 / step), amount.as_integer_ratio()[1])
    if rest:
        raise ValueError(f"{amount} is not a multiple of {step}")
    return whole


def from_steps(steps: int, step: Decimal = STEP) -> Decimal:
    return EXACT.multiply(Decimal(steps), step)


def _half_away(numerator: int, denominator: int) -> int:
    """The quotient as a whole number; the denominator is above zero."""
    half_up = (2 * abs(numerator) + denominator) // (2 * denominator)
    return half_up if numerator >= 0 else -half_up
