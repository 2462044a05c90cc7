"""Families of fees: for a part of an interval, per unit, and where a plan changes inside one."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.conformance import inputs, prices
from tests.conformance.cases import Case
from tests.conformance.scene import Cells, Column, Contract, Figure, OutOfScopeError, Scene

DAY = timedelta(days=1)
MONTHS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}
INTERVALS = {
    **dict.fromkeys(("week", "weekly"), "week"),
    **dict.fromkeys(("month", "monthly"), "month"),
    **dict.fromkeys(("quarter", "quarterly"), "quarter"),
    **dict.fromkeys(("half_year", "half_yearly", "semiannual", "semi_annual"), "half_year"),
    **dict.fromkeys(("year", "yearly", "annual", "annually"), "year"),
}
"""How an interval is written -> its name in the catalogue."""

STARTS = tuple(date(year, month, 1) for year in (2023, 2024) for month in range(1, 13))
"""Days from which intervals are looked for that have as many days as a case names."""

PARTS_BY_THEMSELVES = {"fee_timing": "in_advance", "split_rounding": "each_part"}
"""What was charged in advance is credited, and both parts are rounded: the sources' option."""

MONEY: Mapping[str, Column] = {"amount": "invoice net", "precise": "fee exactly"}
CHANGES: Mapping[str, Column] = {
    "amount": "fee change",
    "credit": "fee credit",
    "charge": "fee charge",
}


@dataclass(frozen=True)
class Span:
    """An interval as the catalogue names it, from its first day up to the first day after it."""

    interval: str
    start: date
    end: date
    anchor: str = "anniversary"

    @property
    def days(self) -> int:
        return (self.end - self.start).days

    @property
    def billing_terms(self) -> Cells:
        """Counted from its first day; by the calendar it begins where the calendar has it."""
        if self.anchor == "calendar":
            return {"anchor": "calendar"}
        return {"anchor": "anniversary", "anchor_date": self.start.isoformat()}


def _months_after(day: date, count: int) -> date:
    """The first of a month, so many months later."""
    months = day.year * 12 + day.month - 1 + count
    return day.replace(year=months // 12, month=months % 12 + 1)


def _spans(start: date) -> Iterator[Span]:
    """The intervals that begin on a day, the shortest first."""
    yield Span("week", start, start + 7 * DAY)
    for interval, count in MONTHS.items():
        try:
            yield Span(interval, start, _months_after(start, count))
        except ValueError:  # it would end on a day that the month does not have
            continue


def _shares(days: int, total: int) -> tuple[Span, int]:
    """An interval of so many days; where there is none, one that is parted by the same share."""
    if not 0 <= days <= total or not total:
        raise OutOfScopeError(f"{days} of {total} days are no share of a period")
    spans = [span for start in STARTS for span in _spans(start)]
    exact = next((span for span in spans if span.days == total), None)
    if exact:
        return exact, days
    found = next((span for span in spans if days * span.days % total == 0), None)
    if found is None:
        raise OutOfScopeError(f"no interval can be parted into {days} of {total} days")
    return found, days * found.days // total


def _days(case: Case) -> tuple[int, int] | None:
    """The days of a part and of the whole, where the case says how many they are."""
    days = inputs.first(case.inputs, "days") or inputs.first(case.params, "days")
    if isinstance(days, list) and len(days) == 2:
        return inputs.whole(days[0], "days"), inputs.whole(days[1], "days")
    fields = {**case.params, **case.inputs}
    billed = inputs.first(fields, "days_billed")
    if days is not None or (billed is None) != (fields.get("days_in_period") is None):
        raise OutOfScopeError("days is not a list of the days billed and all of them")
    if billed is None:
        return None
    return inputs.whole(billed, "days_billed"), inputs.whole(
        fields["days_in_period"], "days_in_period"
    )


def _day(value: Any) -> date:
    return inputs.instant(value, datetime.min.replace(tzinfo=UTC)).date()


def _dated(case: Case) -> Span | None:
    """The interval that the case gives the first and the last day of."""
    period = inputs.period(case.inputs)
    if period is None:
        return None
    start, end = (instant.date() for instant in period)
    written = inputs.first(case.params, "interval", "billing_interval")
    if written is None:
        found = next((span for span in _spans(start) if span.end == end), None)
        if found is None and _days(case) is None:
            raise OutOfScopeError(f"{start} to {end} is no interval that is billed")
        return found
    name = str(written).strip().lower()
    if name not in INTERVALS:
        raise OutOfScopeError(f"nothing is billed by the {written}")
    anchor = str(inputs.first(case.params, "billing_time", "anchor") or "anniversary")
    if anchor not in ("calendar", "anniversary"):
        raise OutOfScopeError(f"intervals are of the calendar or of an anniversary, not {anchor}")
    return Span(INTERVALS[name], start, end, anchor)


def _amount(case: Case, name: str) -> Decimal:
    """An amount of money, in major units or, under a name that says so, in minor ones."""
    if case.params.get(f"{name}_minor") is not None:
        minor = inputs.number(case.params[f"{name}_minor"], f"{name}_minor")
        return minor.scaleb(-prices.currency(case).minor_unit)
    return inputs.number(case.params.get(name), name)


def _scene(case: Case, span: Span, contract: Contract, columns: Mapping[str, Column]) -> Scene:
    """A contract of fees alone, with a figure for every expected field."""
    currency = prices.currency(case)
    if case.expected_unit not in ("major", "minor"):
        raise OutOfScopeError(f"an amount in {case.expected_unit} is not what this family gives")
    scale = currency.minor_unit if case.expected_unit == "minor" else 0
    figures = []
    for name, value in case.expected.items():
        if name not in columns:
            raise OutOfScopeError(f"no comparison for expected {name}")
        amount = inputs.number(value, name).scaleb(-scale)
        exponent = amount.as_tuple().exponent
        shown = -exponent if name == "precise" and isinstance(exponent, int) else None
        figures.append(Figure(name, columns[name], amount, decimals=shown))
    mode = str(inputs.first(case.params, "rounding", "rounding_mode") or "half_up").strip().lower()
    is_even = mode in ("half_even", "bankers", "banker", "half even")
    if not is_even:
        prices.refuse_other_rounding(case)
    terms = {**span.billing_terms, **contract.billing_terms}
    contract = replace(
        contract,
        start_date=contract.start_date or span.start,
        end_date=contract.end_date or span.end,
        interval=span.interval,
        billing_terms={**terms, "rounding_mode": "half_even"} if is_even else terms,
    )
    return Scene(span.start, (), tuple(figures), contract, own_currency=currency)


def _flat(case: Case) -> Scene:
    """A fee of which the contract is in force for a part: up to the end, or between two days."""
    span, days = _dated(case), _days(case)
    fee = Contract(fee_amount=_amount(case, "amount"))
    if days:
        span, left = _shares(*days)
        fee = replace(fee, start_date=span.end - left * DAY)
    elif span:
        started, terminated = (case.inputs.get(name) for name in ("started", "terminated"))
        fee = replace(
            fee,
            start_date=max(_day(started), span.start) if started else span.start,
            end_date=min(_day(terminated) + DAY, span.end) if terminated else span.end,
        )
    else:
        raise OutOfScopeError("neither days nor a period are named")
    return _scene(case, span, fee, MONEY)


def _plan_change(case: Case) -> Scene:
    """A fee that was charged in advance, and another plan for the rest of the interval."""
    strategy = str(case.params.get("strategy") or "day_based").strip().lower()
    proration = {"day_based": "by_day", "second_based": "by_second"}.get(strategy)
    if proration is None:
        raise OutOfScopeError(f"fees are prorated by day or by second, not {strategy}")
    span, days, change = _dated(case), _days(case), case.inputs.get("change")
    if span and change is not None:
        at = inputs.instant(change, datetime.min.replace(tzinfo=UTC))
        if proration == "by_second" and at.time() != datetime.min.time():
            raise OutOfScopeError("a plan changes at midnight")
        left = (span.end - at.date()).days
        if days and days != (left, span.days):
            span, left = _shares(*days)
    elif days:
        span, left = _shares(*days)
    else:
        raise OutOfScopeError("neither days nor a change in a period are named")
    if not 0 < left < span.days:
        raise OutOfScopeError("a plan that changes with a period is the plan of all of it")
    contract = Contract(
        fee_amount=_amount(case, "old"),
        change=(span.end - left * DAY, _amount(case, "new")),
        billing_terms={**PARTS_BY_THEMSELVES, "proration": proration},
    )
    return _scene(case, span, contract, CHANGES)


def _added(case: Case) -> Scene:
    """Units that are added on a day of the month, and count from that day on."""
    added = _day(case.inputs.get("added"))
    start = added.replace(day=1)
    span = Span("month", start, _months_after(start, 1))
    days = inputs.optional(case.params.get("days_in_period"), "days_in_period")
    if days is not None and days != span.days:
        raise OutOfScopeError(f"the month of {added} has {span.days} days, not {days}")
    return _per_unit(case, span, added, Contract(billing_terms=PARTS_BY_THEMSELVES))


def _whole(case: Case) -> Scene:
    span, _ = _shares(1, 30)
    return _per_unit(case, span, span.start, Contract(billing_terms=PARTS_BY_THEMSELVES))


def _ended(case: Case) -> Scene:
    """Units of a contract that ends after some of the days, or on a day of a month."""
    days, terminated = _days(case), case.inputs.get("terminated")
    if days:
        span, left = _shares(*days)
        end = span.start + left * DAY
    else:
        end = _day(terminated) + DAY
        start = _day(terminated).replace(day=1)
        span = Span("month", start, _months_after(start, 1))
    return _per_unit(case, span, span.start, Contract(end_date=end))


def _per_unit(case: Case, span: Span, start: date, contract: Contract) -> Scene:
    units = inputs.whole(inputs.first(case.inputs, "units", "quantity") or 1, "units")
    contract = replace(
        contract, fee_unit_price=prices.unit_price(case), quantities=((start, units),)
    )
    return _scene(case, span, contract, MONEY)


def _calendar_days(case: Case) -> Scene:
    """Service from one instant to another, in a contract that has more days than it."""
    if case.expected_unit != "days" or set(case.expected) != {"amount"}:
        raise OutOfScopeError("the family gives a number of days")
    zone = inputs.first(case.params, "timezone", "time_zone")
    names = (("start_utc", "start"), ("end_utc", "end"))
    start, end = (
        inputs.instant(inputs.first(case.inputs, *pair), datetime.min.replace(tzinfo=UTC))
        for pair in names
    )
    span = Span("year", start.date() - 2 * DAY, end.date() + 2 * DAY)
    contract = Contract(
        start_date=span.start,
        end_date=span.end,
        fee_amount=Decimal(0),
        interval=span.interval,
        billing_terms={
            **span.billing_terms,
            "time_zone": str(zone or "UTC"),
            "service_from_at": f"{start:%Y-%m-%dT%H:%M:%S}Z",
            "service_to_at": f"{end:%Y-%m-%dT%H:%M:%S}Z",
        },
    )
    figure = Figure("amount", "days", inputs.number(case.expected["amount"], "amount"))
    return Scene(span.start, (), (figure,), contract)


TRANSLATORS: Mapping[str, Callable[[Case], Scene]] = {
    "calendar_days_in_timezone": _calendar_days,
    "flat_prorated": _flat,
    "plan_change_proration": _plan_change,
    "recurring_unit_full": _whole,
    "recurring_unit_prorated_in_advance": _added,
    "recurring_unit_prorated_termination": _ended,
}
