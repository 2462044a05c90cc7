"""Fixed fees that are earned evenly over the whole term of a contract, under its amendments.

A ramp of 10,000, 12,000 and 14,000 a year is 12,000 in each of the three years. A change that is
agreed later either spreads what is left over the rest of the term (ASC 606-10-25-13(a)) or makes
good at once what would have been earned by then (13(b)).
"""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

MONTH_PARTS = 377_580
"""The least common multiple of 28, 29, 30 and 31: a day of any month is a whole number of parts."""


@dataclass(frozen=True)
class Rate:
    """A fee a month in a range of days, half-open, and the day from which it was known."""

    from_date: date
    to_date: date
    month_amount: Decimal
    known_date: date


@dataclass(frozen=True)
class Term:
    """A contract line's term, half-open. `modification` is prospective or catch_up."""

    from_date: date
    to_date: date
    convention: str
    modification: str
    minor_unit: int


@dataclass(frozen=True)
class Span:
    """An amount that is earned evenly over a range of days; over none, it is earned on its day."""

    from_date: date
    to_date: date
    amount: Decimal


def position(convention: str, day: date) -> int:
    """Where a day stands on the scale by which a convention spreads a price.

    The macro service_position says the same.
    """
    if convention == "thirty_360":
        return 360 * day.year + 30 * day.month + min(day.day, 30)
    if convention == "monthly":
        parts = MONTH_PARTS // monthrange(day.year, day.month)[1]
        return (12 * day.year + day.month) * MONTH_PARTS + (day.day - 1) * parts
    return day.toordinal()


def spans(term: Term, rates: Sequence[Rate]) -> list[Span]:
    """The spans of a term's price, which add up to it.

    What is known when the term begins is one price. Each later day on which a rate begins or
    becomes known is a modification, if it changes the price.
    """
    first = min((rate.known_date for rate in rates), default=term.from_date)
    known = max(first, term.from_date)
    price = _price(term, rates, known)
    found = [Span(term.from_date, term.to_date, price)]
    changes = sorted(
        {max(rate.known_date, rate.from_date) for rate in rates if rate.known_date > known}
    )
    for day in changes:
        changed = _price(term, rates, day)
        if changed == price or not term.from_date < day < term.to_date:
            continue
        last = found.pop()
        earned = _share(term, last, day)
        if day > last.from_date:
            found.append(Span(last.from_date, day, earned))
        before = sum((span.amount for span in found), Decimal(0))
        if term.modification == "catch_up":
            whole = Span(term.from_date, term.to_date, changed)
            found.append(Span(day, day, _share(term, whole, day) - before))
            before = sum((span.amount for span in found), Decimal(0))
        found.append(Span(day, term.to_date, changed - before))
        price = changed
    return found


def _price(term: Term, rates: Sequence[Rate], day: date) -> Decimal:
    """What the term costs by what is known on a day: the last rate known goes on."""
    known = sorted(
        (rate for rate in rates if rate.known_date <= day or rate.from_date <= term.from_date),
        key=lambda rate: rate.from_date,
    )
    total = Fraction(0)
    for number, rate in enumerate(known):
        is_last = number + 1 == len(known)
        begins = max(rate.from_date, term.from_date)
        ends = min(term.to_date if is_last else known[number + 1].from_date, term.to_date)
        if begins < ends:
            total += Fraction(rate.month_amount) * months_between(begins, ends)
    return _rounded(total, term.minor_unit)


def months_between(begins: date, ends: date) -> Fraction:
    """Whole months from a day, and the days that are left as a part of their month."""
    whole = 12 * (ends.year - begins.year) + ends.month - begins.month
    if months_after(begins, whole) > ends:
        whole -= 1
    reached = months_after(begins, whole)
    length = months_after(begins, whole + 1) - reached
    return whole + Fraction((ends - reached).days, length.days)


def months_after(day: date, count: int) -> date:
    """The same day so many months later; the last of a shorter month."""
    year, month = divmod(12 * day.year + day.month - 1 + count, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _share(term: Term, span: Span, day: date) -> Decimal:
    """How much of a span is earned before a day."""
    start, end, reached = (
        position(term.convention, each) for each in (span.from_date, span.to_date, day)
    )
    return _rounded(Fraction(span.amount) * (reached - start) / (end - start), term.minor_unit)


def _rounded(amount: Fraction, minor_unit: int) -> Decimal:
    """Half away from zero, at the decimals of the currency."""
    scaled = abs(amount) * 10**minor_unit
    whole, rest = divmod(scaled.numerator, scaled.denominator)
    units = whole + (2 * rest >= scaled.denominator)
    return Decimal(-units if amount < 0 else units).scaleb(-minor_unit)
