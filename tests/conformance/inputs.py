"""The fields of a case, read with patience for how they are written, and never guessed."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from re import fullmatch
from typing import Any

from python_ext.catalogue_tables import QUANTITY, fits
from tests.conformance.scene import OutOfScopeError


def number(value: Any, name: str) -> Decimal:
    """A decimal string or a JSON number, exactly; none at all is refused."""
    try:
        found = Decimal(str(value).strip())
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or isinstance(value, bool):
        raise OutOfScopeError(f"{name} is not a number: {value!r}")
    return found


def optional(value: Any, name: str) -> Decimal | None:
    """A number, or none where there is no value or an empty one."""
    return None if value is None or value == "" else number(value, name)


def first(fields: Mapping[str, Any], *names: str) -> Any:
    """The value of the first of the names that has one."""
    return next((fields[name] for name in names if fields.get(name) is not None), None)


def quantity(value: Any, name: str) -> Decimal:
    """A number that an event may carry: what has more digits is refused at landing, by rule."""
    found = number(value, name)
    if not fits(f"{found:f}", *QUANTITY):
        raise OutOfScopeError("a quantity has at most 13 digits before and 9 after the point")
    return found


def whole(value: Any, name: str) -> int:
    found = number(value, name)
    if found != found.to_integral_value():
        raise OutOfScopeError(f"{name} is not a whole number: {value}")
    return int(found)


def items(fields: Mapping[str, Any], *names: str) -> Sequence[Any]:
    """The list under the first of the names that is there."""
    for name in names:
        if isinstance(fields.get(name), list):
            found: list[Any] = fields[name]
            return found
    raise OutOfScopeError(f"the input has no list {' or '.join(names)}")


def samples(fields: Mapping[str, Any]) -> list[Decimal]:
    """Numbers as a list, as text parted by commas, or as a range like 1..100."""
    found = fields.get("samples", fields.get("values"))
    if isinstance(found, list):
        return [quantity(value, "a sample") for value in found]
    numbers: list[Decimal] = []
    for part in str(found or "").split(","):
        ends = fullmatch(r"\s*(-?\d+)\s*[.]{2,3}\s*(-?\d+)\s*", part)
        if ends:
            numbers += [Decimal(value) for value in range(int(ends[1]), int(ends[2]) + 1)]
        elif part.strip():
            numbers.append(quantity(part, "a sample"))
    return numbers


def pairs(fields: Mapping[str, Any], name: str) -> list[tuple[Any, Any]]:
    """The list of two-place lists under a name."""
    found = items(fields, name)
    if not all(isinstance(entry, list) and len(entry) == 2 for entry in found):
        raise OutOfScopeError(f"an entry of {name} is not a list of two")
    return [(first, second) for first, second in found]


def is_time_of_day(text: Any) -> bool:
    return bool(fullmatch(r"\d{1,2}:\d\d(:\d\d([.]\d+)?)?", str(text).strip()))


def instant(text: Any, day: datetime) -> datetime:
    """A stamp, UTC where it names no offset, or a time of the given day; 24:00 ends it."""
    written = str(text).strip()
    try:
        if is_time_of_day(written):
            hour, rest = written.split(":", 1)
            of_day = time.fromisoformat(f"00:{rest}")
            if int(hour) > 24:
                raise ValueError
            return day + timedelta(
                hours=int(hour),
                minutes=of_day.minute,
                seconds=of_day.second,
                microseconds=of_day.microsecond,
            )
        found = datetime.fromisoformat(written)
    except ValueError:
        raise OutOfScopeError(f"not a time: {text!r}") from None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)


def period(fields: Mapping[str, Any]) -> tuple[datetime, datetime] | None:
    """The half-open period of a case, where it names one.

    Two dates name their first and last day, unless the second is the same day of a later month; a
    stamp in the last second of a day names the whole day.
    """
    found = fields.get("period")
    if found is None:
        return None
    if not isinstance(found, list) or len(found) != 2:
        raise OutOfScopeError("period is not a list of a start and an end")
    start, end = (instant(text, datetime.min.replace(tzinfo=UTC)) for text in found)
    is_dates = all(len(str(text).strip()) == len("2023-05-01") for text in found)
    names_last_day = is_dates and not (end > start and end.day == start.day)
    if names_last_day:
        end += timedelta(days=1)
    elif end.time() >= time(23, 59, 59):
        end = end.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    if end <= start:
        raise OutOfScopeError(f"the period {found[0]} to {found[1]} has no length")
    return start, end
