"""What coupons take off the lines of invoice drafts: in order, each from what the last one left.

A coupon is a fixed amount or a ratio of what is left of its lines, for each draft that it fits, at
most for so many drafts of its contract. Line-scoped coupons come first, then plan-scoped, then
general ones, and of a kind the oldest. What a coupon takes is spread over its lines by what is left
of them, so that the parts add up to it.

Source: the order and the caps of getlago/lago (applied coupons), whose examples are in
tests/python/test_coupons.py.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Literal

from python_ext.largest_remainder import split

Scope = Literal["line", "plan", "all"]

SCOPES: tuple[Scope, ...] = ("line", "plan", "all")
"""In the order in which coupons take their part."""

ZERO = Decimal(0)


@dataclass(frozen=True)
class Coupon:
    """Either `amount`, in the currency of the drafts, or `ratio` is given; never both.

    `period_count` says for how many drafts it is good; None is for ever.
    """

    coupon_id: str
    scope: Scope
    recorded_at: datetime
    amount: Decimal | None = None
    ratio: Decimal | None = None
    period_count: int | None = None

    @property
    def order(self) -> tuple[int, datetime, str]:
        return SCOPES.index(self.scope), self.recorded_at, self.coupon_id


@dataclass(frozen=True)
class Draft:
    """An invoice draft: the amount of each line by its number, all multiples of `step`.

    `targets` names, for each coupon in force on it, the lines that it is for.
    """

    draft_id: str
    starts_at: datetime
    step: Decimal
    lines: Mapping[int, Decimal]
    targets: Mapping[str, frozenset[int]]


@dataclass(frozen=True)
class Part:
    """What a coupon takes off a line, above zero; `sequence` is the coupon's place in its draft."""

    draft_id: str
    coupon_id: str
    sequence: int
    line_number: int
    amount: Decimal


def take_off(coupons: Iterable[Coupon], drafts: Iterable[Draft]) -> tuple[Part, ...]:
    """The parts that `coupons` take off `drafts`, by draft, sequence and line.

    Drafts are gone through in the order of time. A coupon that finds nothing is not spent: the
    draft does not count for it. No line and no draft falls below zero: of lines that are above zero
    a coupon takes at most what all its lines, those below zero too, add up to. The order of the
    inputs does not matter.
    """
    ordered = sorted(coupons, key=lambda coupon: coupon.order)
    spent: dict[str, int] = defaultdict(int)
    parts: list[Part] = []
    for draft in sorted(drafts, key=lambda draft: (draft.starts_at, draft.draft_id)):
        left = dict(draft.lines)
        sequence = 0
        for coupon in ordered:
            targets = draft.targets.get(coupon.coupon_id, frozenset())
            if coupon.period_count is not None and spent[coupon.coupon_id] >= coupon.period_count:
                continue
            taken = _taken(coupon, {number: left[number] for number in targets}, draft.step)
            if not taken:
                continue
            spent[coupon.coupon_id] += 1
            sequence += 1
            for number, amount in taken.items():
                left[number] -= amount
                parts.append(Part(draft.draft_id, coupon.coupon_id, sequence, number, amount))
    return tuple(sorted(parts, key=lambda part: (part.draft_id, part.sequence, part.line_number)))


def _taken(coupon: Coupon, left: Mapping[int, Decimal], step: Decimal) -> dict[int, Decimal]:
    """Line number -> what the coupon takes off it, without the lines that it takes nothing off."""
    with localcontext(prec=76):
        in_all = max(sum(left.values(), ZERO), ZERO)
        if coupon.ratio is not None:
            steps = (in_all * coupon.ratio / step).to_integral_value(ROUND_HALF_UP)
            amount = min(steps * step, in_all)
        else:
            amount = min(coupon.amount or ZERO, in_all)
        weights = {f"{number:09}": what for number, what in left.items() if what > 0}
        if not amount:
            return {}
        found = split(amount, weights, step)
        return {int(key): part for key, part in found.items() if part}
