"""Families of aggregations, with a price where a case has one."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from re import IGNORECASE, search

from tests.conformance import inputs, prices
from tests.conformance.cases import Case
from tests.conformance.events import one_a_window, spread, window_name
from tests.conformance.expectations import DECIMALS, billed, scene
from tests.conformance.months import (
    DAY,
    day_count,
    month_around,
    month_for,
    month_of_days,
    next_month,
)
from tests.conformance.scene import Event, Meter, OutOfScopeError, Price, Scene


def _weighted_sum(case: Case) -> Scene:
    month, events = _level_changes(case)
    function, precision = _rounding(case) or ("round", 5)
    if _written_decimals(case) > precision and _rounding(case) is None:
        precision = min(_written_decimals(case), DECIMALS)  # published with more of its digits
    meter = Meter("time_weighted", rounding_function=function, rounding_precision=precision)
    return scene(case, month, events, meter)


def _weighted_sum_standard(case: Case) -> Scene:
    month, events = _level_changes(case)
    return billed(scene(case, month, events, Meter("time_weighted"), prices.per_unit(case)))


def _unique_count_prorated(case: Case) -> Scene:
    if case.params.get("day_counts_if_active_any_time", True) is not True:
        raise OutOfScopeError("a day counts here as soon as there is activity in it")
    month = _month_of_days(case)
    events = []
    for place, days in enumerate(inputs.items(case.inputs, "active_days_per_interval"), start=1):
        active = inputs.whole(days, "a number of active days")
        if not 0 <= active <= day_count(month):
            raise OutOfScopeError("an interval has more active days than the period has days")
        # The last days of the month, as of a unit that was added and stayed.
        first = next_month(month) - active * DAY
        events += [
            Event(f"{place}-{day}", first + day * DAY + DAY / 2, actor_id=f"unit-{place}")
            for day in range(active)
        ]
    meter = _rounded(case, Meter("count_distinct_prorated", value_field="actor_id"))
    return scene(case, month, events, meter)


def _sum_prorated(case: Case) -> Scene:
    month = _month_of_days(case)
    events = _carried(month, inputs.quantity(case.inputs.get("carry_in") or 0, "carry_in"))
    found = inputs.pairs(case.inputs, "events_value_remaining_days")
    for place, (value, remaining_days) in enumerate(found, start=1):
        days = inputs.whole(remaining_days, "a number of remaining days")
        if not 0 <= days <= day_count(month):
            raise OutOfScopeError("an event has more remaining days than the period has days")
        at = next_month(month) - days * DAY + DAY / 2
        events.append(Event(str(place), at, inputs.quantity(value, "a value")))
    return scene(case, month, events, _rounded(case, Meter("sum_prorated")))


def _latest(case: Case) -> Scene:
    month, events = _timed(case)
    return scene(case, month, events, Meter("latest"))


def _latest_standard(case: Case) -> Scene:
    month, events = _in_order(case, "values_in_time_order", "values")
    return billed(scene(case, month, events, Meter("latest"), prices.per_unit(case)))


def _max(case: Case) -> Scene:
    month, events = _in_order(case, "values") if "values" in case.inputs else _timed(case)
    return scene(case, month, events, Meter("max"))


def _percentile(case: Case) -> Scene:
    percentile = inputs.number(case.params.get("percentile"), "percentile")
    month, _ = month_around(inputs.period(case.inputs), [])
    events = spread(month, inputs.samples(case.inputs))
    return scene(case, month, events, Meter("percentile", percentile=percentile))


def _unique_count(case: Case) -> Scene:
    month, _ = month_around(inputs.period(case.inputs), [])
    names = inputs.items(case.inputs, "values", "events")
    events = [
        replace(event, actor_id=None if name is None else str(name))
        for event, name in zip(spread(month, [Decimal(1)] * len(names)), names, strict=True)
    ]
    return scene(case, month, events, Meter("count_distinct", value_field="actor_id"))


def _count_distinct_id(case: Case) -> Scene:
    month, _ = month_around(inputs.period(case.inputs), [])
    ids = [str(event_id) for event_id in inputs.items(case.inputs, "events", "values")]
    # Copies of one event are copies in all they say, the time included.
    events = [Event(event_id, month + DAY) for event_id in ids]
    return scene(case, month, events, Meter("count", value_field="event"))


def _sum_dedup_last(case: Case) -> Scene:
    month, _ = month_around(inputs.period(case.inputs), [])
    events = [
        Event(str(event_id), month + DAY, inputs.quantity(value, "a value"))
        for event_id, value in inputs.pairs(case.inputs, "events")
    ]
    if len({event.event_id for event in events}) != len(set(events)):
        raise OutOfScopeError(
            "the first of two copies that differ stays here, and the later one is refused as "
            "conflicting_duplicate; there is no option for the last"
        )
    return scene(case, month, events, Meter("sum"))


def _rounding_function(case: Case) -> Scene:
    function = str(case.params.get("function") or "")
    if function not in ("", "round", "ceil", "floor"):
        raise OutOfScopeError(f"no rounding function {function}")
    precision = inputs.whole(case.params.get("precision") or 0, "precision")
    month, _ = month_around(inputs.period(case.inputs), [])
    events = spread(month, [inputs.quantity(case.inputs.get("quantity"), "quantity")])
    meter = Meter("sum", rounding_function=function, rounding_precision=precision)
    return scene(case, month, events, meter)


def _bucketed_standard(case: Case) -> Scene:
    return scene(case, *_buckets(case), prices.per_unit(case))


def _per_bucket(charge_model: str) -> Callable[[Case], Scene]:
    def translate(case: Case) -> Scene:
        is_package = charge_model == "package"
        price = prices.package(case) if is_package else prices.tiered(case, charge_model)
        return scene(case, *_buckets(case), _each_by_itself(case, price))

    return translate


def _bucketed_max_then_graduated(case: Case) -> Scene:
    price = prices.tiered(case, "graduated")
    if "summed" not in str(case.params.get("tiers_applied") or "to summed buckets"):
        price = _each_by_itself(case, price)
    return scene(case, *_buckets(case), price)


def _each_by_itself(case: Case, price: Price) -> Price:
    window = window_name(case.params.get("bucket"))
    return replace(price, options={**price.options, "tiers_per": window})


TRANSLATORS: Mapping[str, Callable[[Case], Scene]] = {
    "agg_bucketed_max_then_graduated": _bucketed_max_then_graduated,
    "agg_count_distinct_id": _count_distinct_id,
    "agg_latest": _latest,
    "agg_latest_standard": _latest_standard,
    "agg_max": _max,
    "agg_percentile_nearest_rank": _percentile,
    "agg_sum_dedup_last": _sum_dedup_last,
    "agg_sum_prorated": _sum_prorated,
    "agg_unique_count": _unique_count,
    "agg_unique_count_prorated": _unique_count_prorated,
    "agg_weighted_sum": _weighted_sum,
    "bucketed_graduated": _per_bucket("graduated"),
    "bucketed_package": _per_bucket("package"),
    "bucketed_standard": _bucketed_standard,
    "bucketed_volume": _per_bucket("volume"),
    "rounding_function": _rounding_function,
    "weighted_sum_standard": _weighted_sum_standard,
}


def _written_decimals(case: Case) -> int:
    exponent = inputs.number(case.expected.get("amount") or 0, "amount").normalize().as_tuple()
    return max(0, -exponent.exponent) if isinstance(exponent.exponent, int) else 0


def _rounding(case: Case) -> tuple[str, int] | None:
    """What the params or the notes say of rounding, as in `ceil to 5 dp`."""
    for text in (str(case.params.get("rounding") or ""), case.notes):
        found = search(
            r"\b(round|ceil|floor)\w*\s(?:[a-z ]*\s)?to\s(-?\d)\s*(?:dp|d\.p\.|decimal)",
            text,
            IGNORECASE,
        )
        if found:
            return found[1].lower(), int(found[2])
    if case.params.get("rounding"):
        raise OutOfScopeError(f"no rounding function for {case.params['rounding']}")
    return None


def _rounded(case: Case, meter: Meter) -> Meter:
    function, precision = _rounding(case) or ("", None)
    return replace(meter, rounding_function=function, rounding_precision=precision)


def _month_of_days(case: Case) -> datetime:
    """A month for a family that only names days, as many as `days_in_period` says."""
    period = inputs.period(case.inputs)
    if case.params.get("days_in_period") is None:
        return month_for(period)[0]
    days = inputs.whole(case.params["days_in_period"], "days_in_period")
    return month_of_days(days, period[0]) if period else month_of_days(days)


def _level_changes(case: Case) -> tuple[datetime, list[Event]]:
    """The changes of a level: its initial value is a change in the month before.

    Where an initial value is given, what happened before the period is in it already.
    """
    unit = case.params.get("unit") or "seconds"
    if unit != "seconds":
        raise OutOfScopeError(f"a level is held to the microsecond here, not by whole {unit}")
    period = inputs.period(case.inputs)
    found = inputs.pairs(case.inputs, "events")
    is_stamped = not all(inputs.is_time_of_day(at) for at, _ in found)
    if period is None and is_stamped and found:
        raise OutOfScopeError("the input names no period")
    month, shift = month_for(period)
    start = period[0] if period else month
    initial = case.params.get("initial_value", case.inputs.get("initial_value"))
    events = _carried(month, inputs.quantity(initial or 0, "initial_value"))
    for place, (text, value) in enumerate(found, start=1):
        at = inputs.instant(text, start)
        if at >= start or initial is None:
            events.append(Event(str(place), at + shift, inputs.quantity(value, "a value")))
    return month, events


def _carried(month: datetime, amount: Decimal) -> list[Event]:
    """A level that a month begins with; none where it is zero."""
    return [Event("initial", month - DAY, amount)] if amount else []


def _timed(case: Case) -> tuple[datetime, list[Event]]:
    """Events with a time each, of which only the order or the hour counts."""
    period = inputs.period(case.inputs)
    month, _ = month_around(period, [])
    day = period[0] if period else month
    found = [
        (inputs.instant(text, day), inputs.quantity(value, "a value"))
        for text, value in inputs.pairs(case.inputs, "events")
    ]
    month, shift = month_around(period, [at for at, _ in found])
    return month, [
        Event(str(place), at + shift, value) for place, (at, value) in enumerate(found, start=1)
    ]


def _in_order(case: Case, *names: str) -> tuple[datetime, list[Event]]:
    month, _ = month_around(inputs.period(case.inputs), [])
    values = inputs.items(case.inputs, *names)
    return month, spread(month, [inputs.quantity(value, "a value") for value in values])


def _buckets(case: Case) -> tuple[datetime, list[Event], Meter]:
    """Events in hours or days; a value that stands for its bucket is the only one in it."""
    window = window_name(case.params.get("bucket"))
    aggregation = str(case.params.get("bucket_aggregation") or "max").strip().lower()
    if aggregation == "sum":
        meter = Meter("sum")
    elif aggregation == "max" or "bucket_values" in case.inputs:
        meter = Meter("sum_of_maxima", base_window="1d" if window == "day" else "1h")
    else:
        raise OutOfScopeError(f"no meter sums the {aggregation} of buckets of events")
    if "bucket_values" not in case.inputs:
        return *_timed(case), meter
    month, _ = month_around(inputs.period(case.inputs), [])
    return month, one_a_window(month, inputs.items(case.inputs, "bucket_values"), window), meter
