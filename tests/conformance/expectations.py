"""What a case expects -> the figures of its scene, each with the column to look in."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from tests.conformance import inputs
from tests.conformance.cases import Case
from tests.conformance.scene import (
    Column,
    Contract,
    Event,
    Figure,
    Line,
    Meter,
    OutOfScopeError,
    Price,
    Scene,
)

DECIMALS = 9
"""Of a quantity; an expected one with more is compared at these, rounded half away from zero."""

AMOUNTS: Mapping[str, Column] = {
    "amount": "rated",
    "adjustment": "minimum and maximum",
    "discount": "taken off",
    "true_up": "minimum",
    "usage_fee": "charged",
    "rebooked": "charged",
    "reversal": "rated before",
    "fees": "invoice net",
    "tax": "invoice tax",
    "invoice_total": "invoice total",
}
"""Expected fields that are money."""

QUANTITIES: Mapping[str, Column] = {
    "units": "reading",
    "tier": "tier",
    "packages": "units",
    "free_used": "free",
}
"""Expected fields of a priced line that are not."""

STEP: Mapping[str, Column] = {
    "units": "step units",
    "per_unit": "step price",
    "flat": "step flat",
    "amount": "step amount",
}
"""Fields of a row of an expected breakdown; those named `per_unit` and `units` are no money."""


def scene(
    case: Case,
    month: datetime,
    events: Sequence[Event],
    meter: Meter,
    price: Price | None = None,
    *,
    contract: Contract | None = None,
    columns: Mapping[str, Column] | None = None,
) -> Scene:
    """The scene of one line with the figures that are expected of it.

    `columns` says where a family finds a field, if not where most do.
    """
    lines = (Line(meter, tuple(events), price),)
    return with_figures(case, Scene(month.date(), lines, (), contract or Contract()), columns)


def with_figures(case: Case, bare: Scene, columns: Mapping[str, Column] | None = None) -> Scene:
    """The scene with a figure for every expected field. Raises OutOfScopeError for one unknown."""
    is_priced = any(line.price for line in bare.lines)
    found: Mapping[str, Column] = (
        {**AMOUNTS, **QUANTITIES, **(columns or {})}
        if is_priced
        else {"amount": "reading", "units": "reading"}
    )
    unit = case.expected_unit or ("major" if is_priced else "quantity")
    if unit not in (("major", "minor", "quantity") if is_priced else ("quantity",)):
        raise OutOfScopeError(f"an amount in {unit} is not what this family gives")
    scale = bare.currency.minor_unit if unit == "minor" else 0
    figures: list[Figure] = []
    remarks = [bare.remark] if bare.remark else []
    for name, value in case.expected.items():
        if name == "breakdown" and is_priced:
            figures += _breakdown(value, scale)
            continue
        if name not in found:
            raise OutOfScopeError(f"no comparison for expected {name}")
        amount = None if value is None else inputs.number(value, name)
        is_money = found[name] not in ("reading", "tier", "units", "free")
        if amount is not None and is_money:
            amount = amount.scaleb(-scale)
        elif amount is not None:
            shortened = at_most(DECIMALS, amount)
            if shortened != amount:
                remarks.append(f"{name} compared at {DECIMALS} decimals")
            amount = shortened
        figures.append(Figure(name, found[name], amount))
    if not figures:
        raise OutOfScopeError("nothing is expected")
    return replace(bare, figures=tuple(figures), remark="; ".join(remarks))


def _breakdown(rows: Any, scale: int) -> list[Figure]:
    """Every field of every tier's row, and how many rows there are; bare numbers are amounts."""
    if not isinstance(rows, list):
        raise OutOfScopeError("a breakdown is a list of tiers or of their amounts")
    figures = [Figure("breakdown rows", "steps", Decimal(len(rows)))]
    for place, row in enumerate(rows, start=1):
        fields = row if isinstance(row, dict) else {"tier": place, "amount": row}
        tier = inputs.whole(fields.get("tier", place), "tier")
        for name, value in fields.items():
            if name == "tier" or value is None:
                continue
            if name not in STEP:
                raise OutOfScopeError(f"no comparison for {name} of a breakdown")
            amount = inputs.number(value, name)
            if name in ("flat", "amount"):
                amount = amount.scaleb(-scale)
            figures.append(Figure(f"breakdown tier {tier} {name}", STEP[name], amount, tier))
    return figures


def billed(found: Scene) -> Scene:
    """The scene of a family whose amounts are fees, rounded to the minor unit as invoices are.

    An expected amount with a part of a minor unit is no such fee, and is compared unrounded.
    """
    figures = tuple(
        replace(figure, column="line")
        if figure.column == "rated"
        and figure.amount is not None
        and figure.amount == at_most(found.currency.minor_unit, figure.amount)
        else figure
        for figure in found.figures
    )
    return replace(found, figures=figures)


def at_most(decimals: int, amount: Decimal) -> Decimal:
    """An amount with no more than so many decimals, rounded half away from zero."""
    exponent = amount.as_tuple().exponent
    if not isinstance(exponent, int) or -exponent <= decimals:
        return amount
    return amount.quantize(Decimal(1).scaleb(-decimals), "ROUND_HALF_UP")
