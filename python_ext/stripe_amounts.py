"""Amounts as Stripe takes them: whole numbers of a currency's minor unit.

Source: Stripe's documentation of currencies. Zero-decimal currencies go without a factor.
Three-decimal currencies go in thousandths whose last digit is 0. ISK and UGX have no decimals, and
go in hundredths for historical reasons. Every other currency goes in hundredths.
"""

from decimal import Decimal

ZERO_DECIMALS = frozenset(
    {"BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF"}
    | {"XOF", "XPF"}
)
THREE_DECIMALS = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})
WHOLE_IN_HUNDREDTHS = frozenset({"ISK", "UGX"})
MAX_DECIMALS = 12
"""Decimal places of unit_amount_decimal and quantity_decimal."""


class NotRepresentable(ValueError):  # noqa: N818 (it says what is, and is caught by one caller)
    """An amount that Stripe cannot take without rounding; the text says why."""


def scale_of(currency: str) -> int:
    """How many decimal places an amount in this ISO 4217 currency is moved by: 2, 0 or 3."""
    if currency in ZERO_DECIMALS:
        return 0
    return 3 if currency in THREE_DECIMALS else 2


def minor_units(amount: Decimal, currency: str) -> int:
    """A signed amount as Stripe's integer. Raises NotRepresentable rather than round."""
    scaled = amount.scaleb(scale_of(currency))
    if scaled != scaled.to_integral_value():
        raise NotRepresentable(
            f"{amount:f} {currency} is no whole number of the unit that Stripe takes"
        )
    units = int(scaled)
    if currency in THREE_DECIMALS and units % 10:
        raise NotRepresentable(
            f"{amount:f} {currency}: Stripe takes thousandths of {currency} only with a last"
            " digit of 0"
        )
    if currency in WHOLE_IN_HUNDREDTHS and units % 100:
        raise NotRepresentable(f"{amount:f} {currency}: Stripe takes {currency} without decimals")
    return units


def decimal_places(value: Decimal) -> int:
    """Decimal places that are needed to write a value."""
    exponent = value.normalize().as_tuple().exponent
    return max(0, -int(exponent))
