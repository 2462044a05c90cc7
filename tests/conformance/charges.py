"""Families of charge models and commitments, of usage that one or two parts of a month hold."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

from tests.conformance import inputs, prices
from tests.conformance.cases import Case
from tests.conformance.events import one_a_window, spread, window_name
from tests.conformance.expectations import at_most, billed, scene, with_figures
from tests.conformance.months import (
    ANY_MONTH,
    DAY,
    day_count,
    month_of_days,
    month_start,
    next_month,
)
from tests.conformance.scene import (
    Column,
    Contract,
    Event,
    Line,
    Meter,
    OutOfScopeError,
    Price,
    Scene,
    Tier,
)

SUM = Meter("sum")
BY_EVENT = Meter("sum", keeps_values=True)
"""For lines that price each event by itself."""

CLOSE = ANY_MONTH + 15 * DAY
"""Where a month is cut in two parts, for cases that name what came before."""

BEYOND = "a quantity beyond the last tier is priced at that tier, which the catalogue holds open"


@dataclass(frozen=True)
class Usage:
    """Events of a month, and the contract with its interim close where they lie in two parts."""

    events: tuple[Event, ...]
    contract: Contract
    total: Decimal


def _usage(case: Case) -> Usage:
    """The quantity of a line; what came before it on other lines is in a part of its own."""
    before, quantity = _quantities(case)
    is_split = bool(before)
    events = [Event("line", (CLOSE if is_split else ANY_MONTH) + DAY, quantity)]
    if is_split:
        events.insert(0, Event("before", ANY_MONTH + DAY, before))
    if not quantity:
        events.pop()  # no usage is no event
    contract = Contract(close_date=CLOSE.date()) if is_split else Contract()
    return Usage(tuple(events), contract, before + quantity)


def _quantities(case: Case) -> tuple[Decimal, Decimal]:
    """What came before, and the line's own, from how much it is or how much it makes in all."""
    fields = case.inputs
    quantity = inputs.first(fields, "line_quantity", "quantity", "total", "units", "amount_in")
    before = inputs.first(
        fields,
        "pre_line_quantity",
        "from_exclusive",
        "already_billed_quantity",
        "previous_quantity",
    )
    earlier = inputs.quantity(before or 0, "the quantity before")
    reached = inputs.first(fields, "to_inclusive", "cumulative_quantity")
    if reached is not None:
        return earlier, inputs.quantity(reached, "the quantity in all") - earlier
    return earlier, inputs.quantity(quantity, "quantity")


def _charge(case: Case, price: Price, columns: Mapping[str, Column] | None = None) -> Scene:
    """One line with the quantity of the case."""
    usage = _usage(case)
    return scene(
        case, ANY_MONTH, usage.events, SUM, price, contract=usage.contract, columns=columns
    )


def _standard(case: Case) -> Scene:
    return _charge(case, prices.per_unit(case, **prices.bounds(case)))


def _currency_exponent(case: Case) -> Scene:
    prices.refuse_other_rounding(case)
    return billed(_charge(case, prices.per_unit(case)))


def _tiered(charge_model: str) -> Callable[[Case], Scene]:
    def translate(case: Case) -> Scene:
        found = _charge(case, prices.tiered(case, charge_model))
        return _with_remark_beyond(case, found, prices.reach(case))

    return translate


def _with_remark_beyond(case: Case, found: Scene, reach: Decimal | None) -> Scene:
    if reach is None or _usage(case).total <= reach:
        return found
    return replace(found, remark="; ".join(filter(None, (found.remark, BEYOND))))


def _package(case: Case) -> Scene:
    return _charge(case, prices.package(case))


def _package_count(case: Case) -> Scene:
    return _charge(case, prices.package(case), {"amount": "units"})


def _blocks(charge_model: str) -> Callable[[Case], Scene]:
    def translate(case: Case) -> Scene:
        return _charge(case, _block_price(case, charge_model, case.params.get("tiers")))

    return translate


def _block_price(case: Case, charge_model: str, tiers: Any) -> Price:
    """Where all tiers count, what lies beyond the last is free at the source; else it is last."""
    found, reach = prices.blocks(tiers)
    if charge_model == "blocks_all_tiers" and reach is not None:
        *below, last = found
        found = (*below, replace(last, up_to=reach), replace(last, unit_price=Decimal(0)))
    return Price(charge_model, found, prices.currency(case), terms=prices.bounds(case))


def _late_usage(case: Case) -> Scene:
    """All usage of the period so far; what was billed of it before is added to what is due."""
    policy = str(case.params.get("policy") or "ALL_TIERS").strip().lower()
    if policy not in ("all_tiers", "top_tier"):
        raise OutOfScopeError(f"tiers of blocks are all_tiers or top_tier, not {policy}")
    units = {"quantity": case.params.get("tiers")} if "tiers" in case.params else case.params
    lines = []
    for unit, tiers in units.items():
        if not isinstance(tiers, list):
            continue
        quantity = inputs.quantity(case.inputs.get(unit) or 0, unit)
        event = Event(unit, ANY_MONTH + DAY, quantity)
        price = _block_price(case, f"blocks_{policy}", tiers)
        lines.append(Line(SUM, (event,) if quantity else (), price))
    if not lines:
        raise OutOfScopeError("there are no tiers")
    already = inputs.number(case.inputs.get("already_billed") or 0, "already_billed")
    due = inputs.number(case.expected.get("amount"), "amount")
    in_all = replace(case, expected={**case.expected, "amount": str(due + already)})
    remark = f"the whole, rated anew, is compared with the {due} due and the {already} billed"
    bare = Scene(ANY_MONTH.date(), tuple(lines), (), remark=remark)
    return with_figures(in_all, bare, {"amount": "rated of all lines"})


def _free_units(case: Case) -> Scene:
    """At a price of one, the amount is the quantity that is billed."""
    free = inputs.number(inputs.first(case.params, "free_units", "free_quantity"), "free_units")
    price = Price("per_unit", (Tier(None, Decimal(1)),), options={"free_quantity": free})
    return _charge(case, price)


def _unit_conversion(case: Case) -> Scene:
    options = prices.conversion(case)
    if _quantities(case)[0]:
        options["split_rating"] = "each_part"
    return _charge(case, replace(prices.per_unit(case), options=options))


def _percentage(case: Case) -> Scene:
    terms = prices.by_event(case)
    price = Price("percentage", (Tier(None, prices.ratio(case)),), prices.currency(case))
    price = replace(price, terms={**terms, **prices.bounds(case)})
    return _by_event(case, price, _amounts(case), is_by_event=bool(terms))


def _basis_points(case: Case) -> Scene:
    points = inputs.number(inputs.first(case.params, "bps", "basis_points"), "bps")
    price = Price("basis_points", (Tier(None, points.scaleb(-4)),), prices.currency(case))
    price = replace(price, terms={**prices.by_event(case), **prices.bounds(case)})
    return _by_event(case, price, _amounts(case))


def _dynamic(case: Case) -> Scene:
    factor = inputs.optional(case.params.get("multiplier"), "multiplier")
    price = Price(
        "dynamic",
        (Tier(None, Decimal(1) if factor is None else factor),),
        prices.currency(case),
        terms=prices.bounds(case),
    )
    return billed(_by_event(case, price, _amounts(case)))


def _by_event(
    case: Case, price: Price, amounts: Sequence[Decimal], is_by_event: bool = True
) -> Scene:
    events = spread(ANY_MONTH, amounts)
    return scene(case, ANY_MONTH, events, BY_EVENT if is_by_event else SUM, price)


def _amounts(case: Case) -> list[Decimal]:
    """The amount of each event: as listed, or from their number, sum and first running totals."""
    fields = case.inputs
    listed = inputs.first(fields, "events", "transaction_amounts", "amounts", "amounts_in")
    if listed is not None:
        if not isinstance(listed, list):
            raise OutOfScopeError("the amounts of events are a list")
        return [inputs.quantity(amount, "an amount") for amount in listed]
    total = inputs.quantity(inputs.first(fields, "total", "amount_in", "quantity"), "total")
    running = inputs.first(fields, "running_total_free_window") or []
    reached = [inputs.quantity(amount, "a running total") for amount in running]
    amounts = [after - before for before, after in pairwise([Decimal(0), *reached])]
    count = inputs.whole(fields.get("events_count", max(len(amounts), 1)), "events_count")
    rest, left = total - sum(amounts), count - len(amounts)
    if left < 0 or (left == 0 and rest):
        raise OutOfScopeError("the events that are counted do not add up to the total")
    if left:
        share = at_most(9, rest / left)
        amounts += [*[share] * (left - 1), rest - share * (left - 1)]
    return amounts


def _commitment_overage(case: Case) -> Scene:
    terms = {**prices.commitment(case), "commitment_window": "segment"}
    return _charge(case, prices.per_unit(case, **terms))


def _windowed_commitment(case: Case) -> Scene:
    """One event in each window; a window without usage is a window that nothing says was there."""
    window = window_name(inputs.first(case.params, "window", "bucket"))
    terms = {**prices.commitment(case), "commitment_window": window}
    price = replace(prices.per_unit(case, **terms), options={"tiers_per": window})
    values = inputs.items(case.inputs, "window_quantities", "bucket_values")
    return scene(case, ANY_MONTH, one_a_window(ANY_MONTH, values, window), SUM, price)


def _minimum_commitment(case: Case) -> Scene:
    """A base fee, what else is charged at one for each unit, and a commitment over both."""
    month, start = _days_in_force(case)
    minor_unit = prices.currency(case).minor_unit

    def amount(fields: Mapping[str, Any], name: str) -> Decimal:
        return inputs.number(fields.get(name) or 0, name).scaleb(-minor_unit)

    contract = Contract(
        start_date=start.date(),
        fee_amount=amount(case.params, "base_fee_minor"),
        commitment_amount=amount(case.params, "commitment_minor"),
        tax_ratio=Decimal(0),
    )
    usage = amount(case.inputs, "charge_fees_minor")
    events = [Event("charges", next_month(month) - DAY / 2, usage)] if usage else []
    price = Price("per_unit", (Tier(None, Decimal(1)),), prices.currency(case))
    columns: Mapping[str, Column] = {"amount": "true-up", "true_up": "true-up"}
    return scene(case, month, events, SUM, price, contract=contract, columns=columns)


def _days_in_force(case: Case) -> tuple[datetime, datetime]:
    """A month and a start in it, so that just the share of days is left that the case names."""
    total = inputs.whole(case.inputs.get("days_in_period", 1), "days_in_period")
    days = inputs.whole(case.inputs.get("days_billed", total), "days_billed")
    if not 0 < days <= total:
        raise OutOfScopeError(f"{days} of {total} days are no share of a period")
    for length in (total, 31, 30, 29, 28):
        if 28 <= length <= 31 and days * length % total == 0:
            month = month_of_days(length)
            return month, next_month(month) - days * length // total * DAY
    raise OutOfScopeError(f"no calendar month can be parted into {days} of {total} days")


def _charge_minimum(case: Case) -> Scene:
    """A line with a minimum, in a contract that may end in the month, and the tax of it."""
    minor_unit = prices.currency(case).minor_unit
    minimum = inputs.number(case.params.get("min_amount_minor"), "min_amount_minor")
    percent = inputs.number(case.params.get("tax_rate_percent") or 0, "tax_rate_percent")
    month, end = _ending(case)
    if case.params.get("prorated") is False and end != next_month(month):
        raise OutOfScopeError("the minimum of a part of a month is prorated by day")
    price = prices.per_unit(case, minimum_amount=minimum.scaleb(-minor_unit))
    quantity = inputs.quantity(case.inputs.get("quantity") or 0, "quantity")
    events = [Event("line", month, quantity)] if quantity else []
    contract = Contract(end_date=end.date(), tax_ratio=percent.scaleb(-2))
    columns: Mapping[str, Column] = {"amount": "invoice total"}
    return scene(case, month, events, SUM, price, contract=contract, columns=columns)


def _ending(case: Case) -> tuple[datetime, datetime]:
    """The month, and the end of the contract: the day after the last that it is in force."""
    terminated, days = case.inputs.get("terminated"), case.inputs.get("days")
    if terminated is not None:
        last = inputs.instant(terminated, ANY_MONTH)
        month, end = month_start(last), last + DAY
    elif days is not None:
        billed_days, all_days = (inputs.whole(value, "days") for value in _two(days))
        month = month_of_days(all_days)
        end = month + billed_days * DAY
    else:
        period = inputs.period(case.inputs)
        month = month_start(period[0]) if period else ANY_MONTH
        if period and period[0] != month:
            raise OutOfScopeError("the period does not begin with a month")
        end = period[1] if period else next_month(month)
    if not month < end <= next_month(month):
        raise OutOfScopeError("the contract does not end in the month that is billed")
    if days is not None and list(_two(days)) != [(end - month).days, day_count(month)]:
        raise OutOfScopeError(f"{days[0]} of {days[1]} days are not those up to {terminated}")
    return month, end


def _two(found: Any) -> tuple[Any, Any]:
    if not isinstance(found, list) or len(found) != 2:
        raise OutOfScopeError("days is not a list of the days billed and all of them")
    return found[0], found[1]


TRANSLATORS: Mapping[str, Callable[[Case], Scene]] = {
    "blocks_all_tiers": _blocks("blocks_all_tiers"),
    "blocks_top_tier": _blocks("blocks_top_tier"),
    "bps": _basis_points,
    "charge_minimum_true_up": _charge_minimum,
    "commitment_overage": _commitment_overage,
    "currency_exponent": _currency_exponent,
    "dynamic_multiplier": _dynamic,
    "free_units_progressive": _free_units,
    "graduated": _tiered("graduated"),
    "graduated_percentage": _tiered("graduated_percentage"),
    "graduated_progressive_delta": _tiered("graduated"),
    "late_usage_delta": _late_usage,
    "minimum_commitment_true_up": _minimum_commitment,
    "package": _package,
    "package_count": _package_count,
    "percentage": _percentage,
    "percentage_min_max_per_event": _percentage,
    "stairstep": _tiered("stairstep"),
    "standard": _standard,
    "standard_max_spend": _standard,
    "standard_min_spend": _standard,
    "unit_conversion_standard": _unit_conversion,
    "volume": _tiered("volume"),
    "volume_progressive_delta": _tiered("volume"),
    "volume_with_spend_bounds": _tiered("volume"),
    "windowed_commitment": _windowed_commitment,
}
