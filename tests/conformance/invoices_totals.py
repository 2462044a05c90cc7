"""Families of what stands between the price of a line and what is due: coupons, taxes, credits."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from re import findall, fullmatch, search
from typing import Any

from tests.conformance import inputs, prices
from tests.conformance.cases import Case
from tests.conformance.expectations import with_figures
from tests.conformance.months import ANY_MONTH, DAY, next_month
from tests.conformance.names import PACK
from tests.conformance.scene import (
    Cells,
    Column,
    Contract,
    Event,
    Figure,
    Line,
    Meter,
    OutOfScopeError,
    Price,
    Scene,
    Tier,
)

OTHER_PACKS = ("revops", "high_risk_ops", "residency_eu")
NO_TAX: Sequence[Decimal] = (Decimal(0),)

Rows = tuple[tuple[str, Cells], ...]


def _fees(case: Case, amounts: Sequence[Decimal], **options: Sequence[str]) -> list[Line]:
    """A line for each amount in major units, of so many units at one; options are by line."""
    lines = []
    for place, amount in enumerate(amounts):
        quantity = inputs.quantity(amount, "a fee")
        if quantity < 0:
            raise OutOfScopeError("net usage below zero bills zero, and a fee is never below it")
        cells = {name: values[place] for name, values in options.items()}
        price = Price("per_unit", (Tier(None, Decimal(1)),), prices.currency(case), cells)
        events = (Event(f"fee-{place}", ANY_MONTH + DAY, quantity),) if quantity else ()
        lines.append(Line(Meter("sum"), events, price))
    return lines


def _minor(case: Case, value: Any, name: str) -> Decimal:
    """A number of minor units, in major ones."""
    return inputs.number(value, name).scaleb(-prices.currency(case).minor_unit)


def _in_unit(case: Case, value: Any, name: str) -> Decimal:
    """A number in the unit in which the case expects its amounts."""
    if case.expected_unit == "minor":
        return _minor(case, value, name)
    return inputs.number(value, name)


def _either(case: Case, fields: Mapping[str, Any], *names: str) -> Decimal:
    """The first field that has a value; one that ends in _minor is in minor units."""
    for name in names:
        if fields.get(name) is not None:
            is_minor = name.endswith("_minor")
            return (_minor if is_minor else _no_scale)(case, fields[name], name)
    raise OutOfScopeError(f"there is no {' or '.join(names)}")


def _no_scale(case: Case, value: Any, name: str) -> Decimal:
    return inputs.number(value, name)


def _taxes(*percents: Decimal) -> Rows:
    """A tax of its own name for each percentage, on every category."""
    return tuple(
        ("tax_rates", {"tax_name": f"Tax {place}", "tax_ratio": percent.scaleb(-2)})
        for place, percent in enumerate(percents, start=1)
    )


def _percent(case: Case, *names: str) -> Decimal:
    return inputs.number(inputs.first(case.params, *names) or 0, names[0])


def _built(
    case: Case,
    lines: Sequence[Line],
    rows: Rows,
    columns: Mapping[str, Column],
    more: Sequence[Figure] = (),
) -> Scene:
    """The scene with the figures of `columns`, and more of them that are lists or by line."""
    bare = Scene(ANY_MONTH.date(), tuple(lines), (), Contract(rows=rows))
    plain = {
        name: value
        for name, value in case.expected.items()
        if not isinstance(value, (dict, list)) and not name.startswith("per_fee")
    }
    strangers = [name for name in case.expected if name not in plain and not _is_by_line(name)]
    if strangers:
        raise OutOfScopeError(f"no comparison for expected {', '.join(strangers)}")
    found = with_figures(replace(case, expected=plain), bare, columns)
    return replace(found, figures=(*found.figures, *more))


def _is_by_line(name: str) -> bool:
    return name in ("parts", "per_fee_tax", "per_fee_coupon_precise")


def _coupons(case: Case, scope_cells: Callable[[str], Cells]) -> Rows:
    """The coupons of a case in the order in which they were made."""
    rows: list[tuple[str, Cells]] = []
    for place, coupon in enumerate(inputs.items(case.params, "coupons"), start=1):
        if not isinstance(coupon, list) or len(coupon) not in (2, 3):
            raise OutOfScopeError("a coupon is a kind, a value and what it is for")
        kind, value, *rest = coupon
        cells: dict[str, Decimal | int | str | bool] = {
            "coupon_id": f"coupon-{place:02}",
            "recorded_at": f"2024-12-01T00:{place:02}:00Z",
            **scope_cells(str(rest[0]) if rest else "all"),
        }
        if kind in ("pct", "percent", "percentage"):
            cells["coupon_ratio"] = inputs.number(value, "a coupon").scaleb(-2)
        elif kind == "fixed":
            cells["fixed_amount"] = _in_unit(case, value, "a coupon")
            cells["currency_code"] = prices.currency(case).code
        else:
            raise OutOfScopeError(f"a coupon is fixed or of a percentage, not {kind}")
        rows.append(("coupons", cells))
    return tuple(rows)


def _of_all(scope: str) -> Cells:
    if scope != "all":
        raise OutOfScopeError(f"the case does not say which fees are of {scope}")
    return {"scope": "all"}


DISCOUNTED: Mapping[str, Column] = {
    "amount": "invoice total",
    "discount": "coupons",
    "coupons": "coupons",
    "net": "net of coupons",
    "tax": "invoice tax",
}


def _coupons_sequential(case: Case) -> Scene:
    subtotal = _either(case, case.inputs, "subtotal", "subtotal_minor")
    rows = (*_taxes(*NO_TAX), *_coupons(case, _of_all))
    return _built(case, _fees(case, [subtotal]), rows, DISCOUNTED)


def _fee_amounts(case: Case, *names: str) -> dict[str, Decimal]:
    fees = inputs.first(case.inputs, *names)
    if not isinstance(fees, dict) or not fees:
        raise OutOfScopeError(f"the input has no fees by name in {names[0]}")
    return {name: _in_unit(case, amount, name) for name, amount in fees.items()}


def _line_code(place: int) -> str:
    return "usage" if place == 1 else f"usage-{place:02}"


def _coupon_then_tax(case: Case) -> Scene:
    """Each fee is a line with a tax category of its own; plans are packs."""
    fees = _fee_amounts(case, "fees_minor", "fees")
    percents = inputs.first(case.params, "tax_percent_by_fee") or {}
    names = list(fees)
    packs = _packs(case, names)
    taxes: Rows = tuple(
        (
            "tax_rates",
            {
                "tax_category": name,
                "tax_name": "Tax",
                "tax_ratio": inputs.number(percents.get(name) or 0, name).scaleb(-2),
            },
        )
        for name in names
    )
    rows = (*taxes, *_coupons(case, _scope_cells(names, packs)), *_contract_packs(packs))
    lines = _fees(case, list(fees.values()), pack_id=packs, tax_category=names)
    more, remark = _by_line(case, names)
    return replace(_built(case, lines, rows, DISCOUNTED, more), remark=remark)


def _packs(case: Case, names: Sequence[str]) -> list[str]:
    """The pack of each fee: where coupons name plans P1, P2, ..., each has as many fees in turn."""
    scopes = [str(coupon[2]) for coupon in inputs.items(case.params, "coupons") if coupon[2:]]
    numbers = [int(found[1]) for scope in scopes if (found := fullmatch(r"plan P(\d+)", scope))]
    count = max(numbers, default=1)
    if len(names) % count or count > len(OTHER_PACKS) + 1:
        raise OutOfScopeError(f"the case does not say which of {len(names)} fees are of which plan")
    share = len(names) // count
    return [(PACK, *OTHER_PACKS)[place // share] for place in range(len(names))]


def _contract_packs(packs: Sequence[str]) -> Rows:
    others = sorted({pack for pack in packs if pack != PACK})
    return tuple(("contract_packs", {"pack_id": pack}) for pack in others)


def _scope_cells(names: Sequence[str], packs: Sequence[str]) -> Callable[[str], Cells]:
    def cells(scope: str) -> Cells:
        if scope == "all":
            return {"scope": "all"}
        if plan := fullmatch(r"plan P(\d+)", scope):
            found = dict.fromkeys(packs)
            return {"scope": "plan", "pack_id": list(found)[int(plan[1]) - 1]}
        if metrics := fullmatch(r"metrics? (.+)", scope):
            wanted = [name.strip() for name in metrics[1].split(",")]
            if all(name in names for name in wanted):
                codes = [_line_code(names.index(name) + 1) for name in wanted]
                return {"scope": "line", "line_codes": "|".join(codes)}
        raise OutOfScopeError(f"the case does not say which fees are of {scope}")

    return cells


def _by_line(case: Case, names: Sequence[str]) -> tuple[list[Figure], str]:
    """Figures by fee, where they are amounts of lines that add up, as they always do here."""
    figures: list[Figure] = []
    remarks: list[str] = []
    columns: Mapping[str, tuple[Column, str]] = {
        "per_fee_tax": ("line tax", "tax"),
        "per_fee_coupon_precise": ("line coupon", "coupons"),
    }
    for field, (column, total) in columns.items():
        parts = case.expected.get(field)
        if parts is None:
            continue
        amounts = {name: inputs.number(value, name) for name, value in parts.items()}
        in_all = inputs.optional(case.expected.get(total), total)
        is_whole = all(_is_whole(case, amount) for amount in amounts.values())
        if not is_whole or (in_all is not None and sum(amounts.values()) != in_all):
            remarks.append(f"{field} not compared: parts are at the minor unit here, and add up")
            continue
        for name, amount in amounts.items():
            place = names.index(name) + 1
            expected = _in_unit(case, amount, name)
            figures.append(Figure(f"{field} {name}", column, expected, place=place))
    return figures, "; ".join(remarks)


def _is_whole(case: Case, amount: Decimal) -> bool:
    places = 0 if case.expected_unit == "minor" else prices.currency(case).minor_unit
    return amount == round(amount, places)


def _coupons_scoped(case: Case) -> Scene:
    """Fees that metric and plan coupons are for, and the rest of the subtotal in another pack."""
    fees = _fee_amounts(case, "fees_minor", "fees")
    subtotal = _either(case, case.inputs, "subtotal_minor", "subtotal")
    amounts = [*fees.values(), subtotal - sum(fees.values())]
    names = list(fees)
    # A plan's coupon is for the fee of that name alone.
    packs = [PACK if name == "plan" else OTHER_PACKS[0] for name in (*names, "rest")]

    def cells(scope: str) -> Cells:
        if scope == "all":
            return {"scope": "all"}
        if scope == "plan" and scope in names:
            return {"scope": "plan", "pack_id": PACK}
        if scope in names:
            return {"scope": "line", "line_codes": _line_code(names.index(scope) + 1)}
        raise OutOfScopeError(f"the case does not say which fees are of {scope}")

    rows = (*_taxes(*NO_TAX), *_coupons(case, cells), *_contract_packs(packs))
    return _built(case, _fees(case, amounts, pack_id=packs), rows, DISCOUNTED)


def _discount_then_tax(case: Case) -> Scene:
    discount = _in_unit(case, case.params.get("discount"), "discount")
    coupon: Cells = {
        "coupon_id": "coupon",
        "scope": "all",
        "fixed_amount": discount,
        "currency_code": prices.currency(case).code,
    }
    subtotal = _either(case, case.inputs, "subtotal", "subtotal_minor")
    taxes = _taxes(_percent(case, "rate_percent", "tax_rate_percent"))
    return _built(case, _fees(case, [subtotal]), (*taxes, ("coupons", coupon)), DISCOUNTED)


ROUNDINGS = {
    **dict.fromkeys(("", "invoice", "total", "once"), "per_invoice"),
    **dict.fromkeys(("item", "items", "line", "each line", "each item", "fee"), "per_line"),
    **dict.fromkeys(("each tax", "tax", "each_tax", "each rate"), "each_tax"),
}


def _rounding(case: Case) -> Rows:
    found = inputs.first(case.params, "round", "round_at") or ""
    if str(found) not in ROUNDINGS:
        raise OutOfScopeError(f"tax is rounded once for invoice, line or tax, not for {found}")
    return (("tax_terms", {"tax_rounding": ROUNDINGS[str(found)]}),)


def _tax(case: Case) -> Scene:
    """The tax of one amount, of one rate or of several."""
    listed = case.params.get("rates_percent")
    values = listed if isinstance(listed, list) else [_percent(case, "rate_percent")]
    percents = [inputs.number(value, "a rate") for value in values]
    taxable = _either(case, case.inputs, "taxable", "taxable_minor", "subtotal")
    rows = (*_taxes(*percents), *_rounding(case))
    return _built(case, _fees(case, [taxable]), rows, {"amount": "invoice tax"})


def _invoice_tax(case: Case) -> Scene:
    amount = _either(case, {**case.params, **case.inputs}, "amount_minor", "amount")
    taxes = _taxes(_percent(case, "tax_rate_percent", "rate_percent"))
    return _built(case, _fees(case, [amount]), taxes, DISCOUNTED)


def _items(case: Case, name: str) -> list[Decimal]:
    return [_minor(case, amount, "a fee") for amount in inputs.items(case.inputs, name)]


def _rounding_conflict(case: Case) -> Scene:
    rows = (*_taxes(_percent(case, "tax_rate_percent", "rate_percent")), *_rounding(case))
    return _built(case, _fees(case, _items(case, "fees_minor")), rows, DISCOUNTED)


def _penny_allocation(case: Case) -> Scene:
    """A coupon of the total, over lines in proportion to the weights and large enough for it."""
    if case.params.get("method", "largest_remainder") != "largest_remainder":
        raise OutOfScopeError("parts are split by largest remainder")
    total = _either(case, {**case.inputs, **case.params}, "total_minor", "total")
    found = inputs.items({**case.params, **case.inputs}, "weights")
    weights = [inputs.number(weight, "a weight") for weight in found]
    step = Decimal(1).scaleb(-prices.currency(case).minor_unit)
    scale = step
    while sum(weights) and (sum(weights) * scale < total or any(w * scale % step for w in weights)):
        scale *= 10
    coupon: Cells = {
        "coupon_id": "coupon",
        "scope": "all",
        "fixed_amount": total,
        "currency_code": prices.currency(case).code,
    }
    parts = [
        Figure(f"part {place}", "line coupon", _in_unit(case, part, "a part"), place=place)
        for place, part in enumerate(case.expected.get("parts") or (), start=1)
    ]
    lines = _fees(case, [weight * scale for weight in weights])
    rows = (*_taxes(*NO_TAX), ("coupons", coupon))
    return _built(case, lines, rows, {"amount": "coupons"}, parts)


PAID: Mapping[str, Column] = {
    "amount": "due",
    "gross": "invoice total",
    "credit_used": "credits applied",
    "credit": "credits applied",
    "wallet_after": "wallet",
    "fees": "invoice net",
    "tax": "invoice tax",
}


def _wallet(case: Case, amount: Decimal, *line_types: str) -> Rows:
    if not amount:
        return ()
    credit: Cells = {
        "grant_id": "wallet",
        "currency_code": prices.currency(case).code,
        "amount": amount,
        "grant_kind": "purchased",
        "line_types": "|".join(line_types),
        "priority": 0,
        "effective_at": "2000-01-01T00:00:00Z",
        "expires_at": "9999-12-31T00:00:00Z",
    }
    return (("credit_grants", credit),)


def _prepaid_after_tax(case: Case) -> Scene:
    price = prices.per_unit(case)
    quantity = inputs.quantity(case.inputs.get("quantity") or 0, "quantity")
    events = (Event("line", ANY_MONTH + DAY, quantity),) if quantity else ()
    before = _either(case, case.params, "wallet_before", "wallet_before_minor", "wallet_minor")
    rows = (*_taxes(_percent(case, "tax_rate_percent")), *_wallet(case, before))
    return _built(case, [Line(Meter("sum"), events, price)], rows, PAID)


def _prepaid_cap(case: Case) -> Scene:
    wallet = _either(case, case.params, "wallet_minor", "wallet_before")
    rows = (*_taxes(_percent(case, "tax_rate_percent")), *_wallet(case, wallet))
    return _built(case, _fees(case, _items(case, "fee_precise_minor")), rows, PAID)


def _wallet_restriction(case: Case) -> Scene:
    """Fees of the types that are allowed are usage; the others are one fee line each, at most."""
    allowed = case.params.get("allowed")
    types = allowed if isinstance(allowed, list) else [allowed]
    fees = _fee_amounts(case, "fees", "fees_minor")
    others = [amount for name, amount in fees.items() if name not in types]
    if len(others) > 1:
        raise OutOfScopeError("a scene has one fee that a wallet is not for")
    lines = _fees(case, [amount for name, amount in fees.items() if name in types] or [Decimal(0)])
    wallet = _either(case, case.params, "wallet_minor", "wallet_before")
    percent = _percent(case, "tax_rate_percent")
    found = _built(case, lines, (*_taxes(percent), *_wallet(case, wallet, "usage")), PAID)
    fee = others[0] if others else None
    return replace(found, contract=replace(found.contract, fee_amount=fee))


ORIGIN = ANY_MONTH + 2 * DAY
"""When grants begin and usage is; before it, what has expired."""

LATER = "usage that no grant covers is billed here, and is not taken from a grant that begins later"


def _credit_burn_down(case: Case) -> Scene:
    """Grants of units and what is used of them, at one for each unit that no grant covers."""
    grants = case.params.get("grants") or []
    if case.inputs.get("usage_before") is not None:
        raise OutOfScopeError(LATER)
    until = next_month(ANY_MONTH)
    read = str(case.expected.get("unit") or "")
    if day := search(r"on day (\d+)", read):
        until = ORIGIN + int(day[1]) * DAY
    if case.inputs.get("until_days") is not None:
        until = ORIGIN + inputs.whole(case.inputs["until_days"], "until_days") * DAY
    after = case.inputs.get("usage_after_recurrence")
    if after is not None:
        until = ORIGIN + 2 * DAY
        quarter = DAY / (2 * max(len(after), 1))
        uses = [(ORIGIN + DAY + (2 * place + 1) * quarter, use) for place, use in enumerate(after)]
    else:
        uses = [(ORIGIN + DAY / 24, case.inputs.get("usage") or 0)]
    events = [
        Event(f"use-{place}", at, quantity)
        for place, (at, value) in enumerate(uses)
        if (quantity := inputs.quantity(value, "usage"))
    ]
    _refuse_overage_before_a_recurrence(case, grants, events, until)
    rows: Rows = tuple(("unit_grants", _grant(grant, after is not None)) for grant in grants)
    names = [str(grant["id"]) for grant in grants]
    figures = _balances(case, names, read, until)
    price = Price("per_unit", (Tier(None, Decimal(1)),))
    contract = Contract(rows=rows)
    line = Line(Meter("sum"), tuple(events), price)
    return Scene(ANY_MONTH.date(), (line,), figures, contract)


def _refuse_overage_before_a_recurrence(
    case: Case, grants: Sequence[Any], events: Sequence[Event], until: datetime
) -> None:
    used = sum((event.quantity for event in events), Decimal(0))
    given = sum((inputs.number(grant["amount"], "amount") for grant in grants), Decimal(0))
    is_read_later = until > ORIGIN + DAY and "usage_after_recurrence" not in case.inputs
    if used > given and is_read_later and any(grant.get("recurs") for grant in grants):
        raise OutOfScopeError(LATER)


def _grant(grant: Mapping[str, Any], is_split: bool) -> Cells:
    recurs = str(grant.get("recurs") or "none")
    recurrences = {"none": "none", "daily": "day", "day": "day", "monthly": "month"}
    if recurs not in recurrences:
        raise OutOfScopeError(f"a grant recurs daily or monthly, not {recurs}")
    starts, ends = ORIGIN, datetime(9999, 12, 31, tzinfo=ORIGIN.tzinfo)
    if is_split and recurs == "none":
        starts = ORIGIN + DAY * 3 / 2  # another grant begins between two uses
    if grant.get("effective_in_days") is not None:
        starts = ORIGIN + inputs.whole(grant["effective_in_days"], "effective_in_days") * DAY
    if grant.get("expires_days") is not None:
        ends = starts + inputs.whole(grant["expires_days"], "expires_days") * DAY
    if grant.get("expires_years") is not None:
        years = inputs.whole(grant["expires_years"], "expires_years")
        ends = starts.replace(year=starts.year + years)
    if grant.get("expired"):
        starts, ends = ANY_MONTH, ANY_MONTH + DAY
    return {
        "grant_id": str(grant["id"]),
        "grant_kind": "granted",
        "quantity": inputs.number(grant.get("amount"), "amount"),
        "priority": inputs.whole(grant.get("priority") or 0, "priority"),
        "effective_at": f"{starts:%Y-%m-%dT%H:%M:%SZ}",
        "expires_at": f"{ends:%Y-%m-%dT%H:%M:%SZ}",
        "recurrence": recurrences[recurs],
    }


def _balances(case: Case, names: Sequence[str], read: str, until: datetime) -> tuple[Figure, ...]:
    figures = []
    for name, value in case.expected.items():
        if name == "unit":
            continue
        amount = inputs.number(value, name)
        if name == "amount" and read in ("", "overage"):
            figures.append(Figure(name, "rated", amount))
            continue
        meant = [word for word in findall(r"\w+", read) if word in names]
        grants = tuple(meant) if name == "amount" else (name,)
        if not grants or not set(grants) <= set(names):
            raise OutOfScopeError(f"no comparison for expected {name} {read}")
        figures.append(Figure(name, "grants", amount, grants=grants, until=until))
    return tuple(figures)


def _credit_cap(case: Case) -> Scene:
    """An invoice over what was paid; what was credited before, then what is asked for now."""
    paid = _in_unit(case, case.params.get("original_paid"), "original_paid")
    before = _in_unit(case, case.params.get("previous_credits") or 0, "previous_credits")
    asked = _in_unit(case, case.inputs.get("potential_credit"), "potential_credit")
    found = _built(case, _fees(case, [paid]), _taxes(*NO_TAX), {"amount": "credit total"})
    return replace(found, credits=(before, asked))


def _credit_note(case: Case) -> Scene:
    """A part of an invoice's net amount is credited, with its tax."""
    net = _either(case, case.params, "invoice_net_minor", "invoice_net")
    asked = _either(case, case.inputs, "credit_net_minor", "credit_net")
    rows = _taxes(_percent(case, "tax_rate_percent"))
    columns: Mapping[str, Column] = {
        "amount": "credit total",
        "net": "credit net",
        "tax": "credit tax",
    }
    return replace(_built(case, _fees(case, [net]), rows, columns), credits=(asked,))


TRANSLATORS: Mapping[str, Callable[[Case], Scene]] = {
    "coupon_then_tax": _coupon_then_tax,
    "coupons_scoped": _coupons_scoped,
    "coupons_scoped_then_tax": _coupon_then_tax,
    "coupons_sequential": _coupons_sequential,
    "credit_burn_down": _credit_burn_down,
    "credit_cap": _credit_cap,
    "credit_note_partial": _credit_note,
    "discount_then_tax": _discount_then_tax,
    "invoice_tax": _invoice_tax,
    "penny_allocation": _penny_allocation,
    "prepaid_credits_after_tax": _prepaid_after_tax,
    "prepaid_credits_cap": _prepaid_cap,
    "rounding_conflict_invoice_total": _rounding_conflict,
    "rounding_conflict_sum_of_items": _rounding_conflict,
    "tax_multiple_rates": _tax,
    "tax_percentage": _tax,
    "wallet_fee_type_restriction": _wallet_restriction,
}
