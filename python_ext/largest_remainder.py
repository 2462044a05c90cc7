"""Splitting a total into parts that add up to it, to the last digit.

Source: the method of Hamilton. Each part gets its share rounded down, and what that leaves goes,
one step each, to the largest remainders.
"""

from collections.abc import Mapping
from decimal import Decimal, Inexact, localcontext


def split(total: Decimal, weights: Mapping[str, Decimal], step: Decimal) -> dict[str, Decimal]:
    """`total` by key in proportion to `weights`, each part a multiple of `step`.

    Equal remainders go by key; if all weights are zero, the parts are as equal as the step allows.
    Raises ValueError for no weights, one below zero, or a total that is not a multiple of the step.
    """
    if not weights or min(weights.values()) < 0:
        raise ValueError("a total is split over one weight or more, none below zero")
    with localcontext(prec=76) as context:
        context.traps[Inexact] = True
        steps, rest = divmod(total, step)
        if rest:
            raise ValueError(f"{total} is not a multiple of {step}")
        # Whole numbers in the ratio of the weights.
        exponent = min(int(weight.as_tuple().exponent) for weight in weights.values())
        whole = {key: int(weight.scaleb(-exponent)) for key, weight in weights.items()}
        if not any(whole.values()):
            whole = dict.fromkeys(whole, 1)
        sum_of_weights, units = sum(whole.values()), int(steps)
        parts = {key: divmod(units * weight, sum_of_weights) for key, weight in whole.items()}
        left = units - sum(share for share, _ in parts.values())
        first = sorted(parts, key=lambda key: (-parts[key][1], key))[:left]
        return {key: (share + (key in first)) * step for key, (share, _) in sorted(parts.items())}
