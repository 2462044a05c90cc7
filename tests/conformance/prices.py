"""What a case says of prices -> the columns of a plan line, its tiers and its terms."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tests.conformance import inputs
from tests.conformance.cases import Case
from tests.conformance.scene import Currency, OutOfScopeError, Price, Tier

CURRENCIES = {0: "JPY", 2: "USD", 3: "KWD", 4: "CLF"}
"""Decimals of a minor unit -> a currency that has them."""

EXPONENTS = {
    **dict.fromkeys(("CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BIF", "DJF", "GNF", "KMF", "RWF", "VUV", "UYI"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}
"""Currencies of ISO 4217 whose minor unit has not two decimals."""

ROUNDING_MODES = ("half_up", "half_away_from_zero", "half away from zero", "half-up", "round")
OPEN = ("", "inf", "infinity", "null", "-1")


def currency(case: Case) -> Currency:
    """The currency that a case names, or one with the minor unit that it names, or US dollars."""
    code = inputs.first(case.params, "currency", "currency_code")
    code = code or inputs.first(case.inputs, "currency", "currency_code")
    exponent = inputs.first(case.params, "currency_exponent", "minor_unit")
    if code is None:
        digits = 2 if exponent is None else inputs.whole(exponent, "currency_exponent")
        if digits not in CURRENCIES:
            raise OutOfScopeError(f"no currency has {digits} decimals")
        return Currency(CURRENCIES[digits], digits)
    code = str(code).strip().upper()
    if len(code) != 3 or not code.isalpha():
        raise OutOfScopeError(f"not a currency code: {code}")
    digits = EXPONENTS.get(code, 2)
    if exponent is not None and inputs.whole(exponent, "currency_exponent") != digits:
        raise OutOfScopeError(f"the minor unit of {code} has {digits} decimals, not {exponent}")
    return Currency(code, digits)


def unit_price(case: Case) -> Decimal:
    return inputs.number(_first(case, "per_unit", "unit_price", "unit_amount"), "per_unit")


def per_unit(case: Case, **terms: Decimal | int | str | bool) -> Price:
    """One price for every unit."""
    return Price("per_unit", (Tier(None, unit_price(case)),), currency(case), terms=terms)


def ladder(case: Case) -> tuple[Tier, ...]:
    """Tiers in order of their ends, the last of them open: where none is, the highest opens."""
    found = inputs.items(case.params, "tiers", "steps", "ranges")
    if not all(isinstance(tier, dict) for tier in found):
        raise OutOfScopeError("a tier is not an object")
    return opened([_tier(tier) for tier in found])


def opened(tiers: list[Tier]) -> tuple[Tier, ...]:
    if not tiers:
        raise OutOfScopeError("there are no tiers")
    *below, last = sorted(tiers, key=lambda tier: (tier.up_to is None, tier.up_to or 0))
    return (*below, Tier(None, last.unit_price, last.flat_amount, last.block_size))


def reach(case: Case) -> Decimal | None:
    """The end of the last tier as the case states it; none where that is open."""
    ends = [_end(tier) for tier in inputs.items(case.params, "tiers", "steps", "ranges")]
    known = [end for end in ends if end is not None]
    return max(known) if known and len(known) == len(ends) else None


def _tier(tier: Mapping[str, Any]) -> Tier:
    ratio = inputs.optional(inputs.first(tier, "rate_percent", "rate"), "rate_percent")
    price = inputs.optional(inputs.first(tier, "per_unit", "unit_price", "unit_amount"), "per_unit")
    return Tier(
        _end(tier),
        ratio.scaleb(-2) if ratio is not None else price or Decimal(0),
        inputs.optional(inputs.first(tier, "flat", "flat_amount", "price"), "flat") or Decimal(0),
    )


def _end(tier: Mapping[str, Any]) -> Decimal | None:
    up_to = inputs.first(tier, "up_to", "to", "to_value")
    if up_to is None or str(up_to).strip().lower() in OPEN:
        return None
    return inputs.number(up_to, "up_to")


def blocks(tiers: Any) -> tuple[tuple[Tier, ...], Decimal | None]:
    """Tiers of so many blocks each, the last of them open, and where the last one ended.

    A tier of no or of -1 blocks has no end.
    """
    found: list[Tier] = []
    reached = Decimal(0)
    is_open = False
    for tier in tiers if isinstance(tiers, list) else []:
        if not isinstance(tier, dict) or is_open:
            raise OutOfScopeError("tiers of blocks are objects, and only the last has no end")
        size = inputs.number(inputs.first(tier, "block_size", "size"), "block_size")
        count = inputs.optional(inputs.first(tier, "max_blocks", "max"), "max_blocks")
        price = inputs.number(inputs.first(tier, "price_per_block", "price"), "price_per_block")
        is_open = count is None or count == -1
        reached += size * (count or 0)
        found.append(Tier(None if is_open else reached, price, block_size=size))
    return opened(found), None if is_open else reached


def bounds(case: Case) -> dict[str, Decimal]:
    """The minimum and the maximum of a line, where the case has them."""
    return terms(
        case,
        minimum_amount=("min_spend", "minimum", "min_amount"),
        maximum_amount=("max_spend", "maximum", "max_amount"),
    )


def commitment(case: Case) -> dict[str, Decimal | int | str | bool]:
    """A commitment of amount or quantity, with what exceeds it and what falls short of it."""
    found = terms(
        case,
        commitment_amount=("commit_per_window", "commit_amount_per_window", "commit_amount"),
        commitment_quantity=("commit_quantity_per_window", "commit_quantity"),
        overage_factor=("overage_factor",),
    )
    if len({"commitment_amount", "commitment_quantity"} & set(found)) != 1:
        raise OutOfScopeError("a commitment is either of an amount or of a quantity")
    is_trued_up = case.params.get("true_up")
    return {**found, "is_trued_up": True if is_trued_up is None else _flag(is_trued_up, "true_up")}


def by_event(case: Case) -> dict[str, Decimal]:
    """Terms of each event; free ones of zero are none, as the sources have it."""
    limits = terms(
        case,
        free_event_count=("free_events", "free_events_count"),
        free_event_amount=("free_amount",),
        fixed_amount_per_event=("fixed_amount_per_event", "fixed_amount"),
    )
    return {name: value for name, value in limits.items() if value} | terms(
        case,
        minimum_amount_per_event=("min_per_event", "per_transaction_min", "per_transaction_floor"),
        maximum_amount_per_event=("max_per_event", "per_transaction_cap", "per_transaction_max"),
    )


def terms(case: Case, **columns: tuple[str, ...]) -> dict[str, Decimal]:
    """Column -> the first of its fields that has a value."""
    found = {name: _first(case, *fields) for name, fields in columns.items()}
    return {
        name: inputs.number(value, columns[name][0])
        for name, value in found.items()
        if value is not None
    }


def ratio(case: Case) -> Decimal:
    """A percentage as a ratio."""
    return inputs.number(_first(case, "rate_percent", "rate"), "rate_percent").scaleb(-2)


def package(case: Case) -> Price:
    """So much for each package, begun or whole."""
    amount = inputs.optional(_first(case, "amount", "package_price", "per_package"), "amount")
    size = inputs.number(case.params.get("package_size"), "package_size")
    mode = str(_first(case, "round", "rounding", "package_rounding") or "up").strip().lower()
    rounding = {"up": "up", "ceil": "up", "ceiling": "up", "down": "down", "floor": "down"}
    if mode not in rounding:
        raise OutOfScopeError(f"packages are rounded up or down, not {mode}")
    free = inputs.optional(_first(case, "free_units", "free_quantity"), "free_units")
    return Price(
        "package",
        (Tier(None, Decimal(1) if amount is None else amount),),
        currency(case),
        {
            "package_size": size,
            "package_rounding": rounding[mode],
            "free_quantity": free or Decimal(0),
        },
        bounds(case),
    )


def tiered(case: Case, charge_model: str) -> Price:
    """Tiers of a model, with the options of semantics.md that the case is in force under."""
    edges = str(case.params.get("tier_edges") or "adjacent_decimal")
    if edges not in ("adjacent_decimal", "inclusive", "up_to_inclusive"):
        raise OutOfScopeError(f"the end of a tier is part of it; tier_edges is {edges}")
    flag = case.params.get("flat_fee_on_zero_usage")
    is_charged = flag is None or _flag(flag, "flat_fee_on_zero_usage")
    return Price(
        charge_model,
        ladder(case),
        currency(case),
        {"flat_at_zero": "charged" if is_charged else "not_charged"},
        bounds(case),
    )


def conversion(case: Case) -> dict[str, Decimal | int | str | bool]:
    """The pricing unit: a ratio of whole numbers, and how its quantity is rounded."""
    factors = terms(
        case, multiplier=("multiply_by", "multiplier"), divisor=("divide_by", "divisor")
    )
    if any(value <= 0 for value in factors.values()):
        raise OutOfScopeError("a unit is converted by numbers above zero")
    share = Fraction(factors.get("multiplier", 1)) / Fraction(factors.get("divisor", 1))
    name = str(_first(case, "rounding", "rounding_function") or "none").strip().lower()
    functions = {
        **dict.fromkeys(("none", ""), ""),
        **dict.fromkeys(("ceiling", "ceil", "up"), "ceil"),
        **dict.fromkeys(("floor", "down"), "floor"),
        **dict.fromkeys((*ROUNDING_MODES, "nearest"), "round"),
    }
    if name not in functions:
        raise OutOfScopeError(f"no rounding function {name}")
    precision = inputs.whole(_first(case, "precision", "rounding_precision") or 0, "precision")
    rounded: dict[str, int | str] = {
        "rounding_function": functions[name],
        "rounding_precision": precision,
    }
    return {
        "unit_multiplier": share.numerator,
        "unit_divisor": share.denominator,
        **(rounded if functions[name] else {}),
    }


def refuse_other_rounding(case: Case) -> None:
    """Money is rounded half away from zero; a case of another mode is none of ours."""
    mode = str(case.params.get("rounding") or "half_up").strip().lower()
    if mode not in ROUNDING_MODES:
        raise OutOfScopeError(f"money is rounded half away from zero; there is no option {mode}")


def _first(case: Case, *names: str) -> Any:
    return inputs.first(case.params, *names)


def _flag(value: Any, name: str) -> bool:
    text = str(value).strip().lower()
    if text not in ("true", "false"):
        raise OutOfScopeError(f"{name} is neither true nor false: {value!r}")
    return text == "true"
