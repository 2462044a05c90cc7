"""Numbers, money and dates as a reader of a document writes them; exact, never through a float."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, localcontext

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import NumberPattern, format_decimal, parse_pattern

FALLBACK = "en"
RANGE = " \u2013 "
NO_BREAK_SPACE = "\u00a0"
LETTER_BESIDE_DIGIT = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")

PRECISION = 76
"""Digits that no amount of ours reaches; the default of `decimal` would round a long one."""


def locale_of(name: str | None, country_code: str | None) -> Locale:
    """The locale that a party states, else English as it is written in its country, else English.

    Documents are worded in English, so a country alone only says how numbers and dates look.
    """
    for text in (name, f"{FALLBACK}_{country_code}"):
        if text and is_locale(text):
            return Locale.parse(text.replace("-", "_"))
    return Locale.parse(FALLBACK)


def is_locale(text: str) -> bool:
    """Whether `text` names a locale that is known, as en_US or en-US."""
    try:
        Locale.parse(text.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return False
    return True


@dataclass(frozen=True)
class LocaleText:
    """How things are written for one reader, and money in one currency.

    `minor_unit` is the number of decimals of the currency, from our own catalogue.
    """

    locale: Locale
    currency_code: str
    minor_unit: int

    def money(self, amount: Decimal) -> str:
        """An amount with its currency: 1.234,50 €. Raises ValueError where it would round."""
        return self._exact(self.locale.currency_formats["standard"], amount, self.currency_code)

    def amount(self, amount: Decimal) -> str:
        """An amount without its currency, for a column that names it: 1.234,50."""
        return self._exact(self.locale.decimal_formats[None], amount, None)

    def price(self, price: Decimal, decimals: int = 0) -> str:
        """A price of one unit: all of its decimals, at least so many and those of the currency."""
        decimals = max(decimals_of(price), decimals, self.minor_unit)
        return self._apply(self.locale.decimal_formats[None], price, (decimals, decimals), None)

    def number(self, number: Decimal) -> str:
        """A number with all of its decimals, and none that say nothing."""
        with localcontext(prec=PRECISION):
            return format_decimal(number, locale=self.locale, decimal_quantization=False)

    def ratio(self, ratio: Decimal) -> str:
        """0.08875 as 8.875%."""
        decimals = max(decimals_of(ratio) - 2, 0)
        return self._apply(self.locale.percent_formats[None], ratio, (0, decimals), None)

    def date(self, day: date) -> str:
        return format_date(day, format="medium", locale=self.locale)

    def instant(self, instant: datetime) -> str:
        """An instant, in UTC and to the minute; written the same everywhere, as logs have it."""
        return f"{_utc(instant):%Y-%m-%d %H:%M} UTC"

    def period(self, starts_at: datetime, ends_at: datetime) -> str:
        """A half-open range as its first and last day; one that is not of days, to the minute.

        One that is a day, or has no length, is written once.
        """
        starts_at, ends_at = _utc(starts_at), _utc(ends_at)
        if starts_at.time() != time() or ends_at.time() != time():
            texts = self.instant(starts_at), self.instant(ends_at)
        else:
            last = max(ends_at - timedelta(days=1), starts_at)
            texts = self.date(starts_at.date()), self.date(last.date())
        return texts[0] if texts[0] == texts[1] else RANGE.join(texts)

    def _exact(self, pattern: NumberPattern, amount: Decimal, currency: str | None) -> str:
        if decimals_of(amount) > self.minor_unit:
            raise ValueError(f"{amount} has more than {self.minor_unit} decimals")
        return self._apply(pattern, amount, (self.minor_unit, self.minor_unit), currency)

    def _apply(
        self,
        pattern: NumberPattern,
        number: Decimal,
        decimals: tuple[int, int],
        currency: str | None,
    ) -> str:
        own = parse_pattern(pattern.pattern)  # the locale's is shared
        own.frac_prec = decimals
        with localcontext(prec=PRECISION):
            written = own.apply(number, self.locale, currency=currency, currency_digits=False)
        # A code stands apart from its number; the pattern is made for a sign: KWD 12.500, $12.50.
        return LETTER_BESIDE_DIGIT.sub(NO_BREAK_SPACE, written)


def decimals_of(number: Decimal) -> int:
    """How many decimals a number needs."""
    with localcontext(prec=PRECISION):
        exponent = int(number.normalize().as_tuple().exponent)
    return max(-exponent, 0)


def _utc(instant: datetime) -> datetime:
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
