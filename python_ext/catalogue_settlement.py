"""The rules for what stands between a line's price and what is due: coupons, taxes, credits."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, time
from decimal import Decimal

from python_ext.catalogue_rows import Catalogue, Finding, Row, Rule
from python_ext.catalogue_tables import fits


def _broken(file: str, row: Row, *claims: tuple[object, str, str]) -> Iterator[Finding]:
    """A finding for each claim (is it broken, the rule, the remedy) that does not hold."""
    for is_broken, rule, remedy in claims:
        if is_broken:
            yield Finding(file, row.number, rule, remedy)


def _coupons(catalogue: Catalogue) -> Iterator[Finding]:
    """A coupon that could never find anything would take nothing off, in silence."""
    contracts = {row["contract_id"]: row for row in catalogue["contracts"]}
    offers = _offers(catalogue)
    minor_units = _minor_units(catalogue)
    for row in catalogue["coupons"]:
        contract, scope = contracts[row["contract_id"]], row["scope"]
        codes, pack = row["line_codes"] or (), row["pack_id"]
        offered = offers[row["contract_id"]]
        strangers = [code for code in codes if code not in {code for code, _ in offered}]
        amount, currency = row["fixed_amount"], row["currency_code"]
        yield from _broken(
            "coupons.csv",
            row,
            (
                (amount is None) == (row["coupon_ratio"] is None),
                "a coupon is of a fixed_amount or of a coupon_ratio",
                "fill in one of them",
            ),
            (
                (amount is None) != (currency is None),
                "a fixed_amount has a currency_code, and a coupon_ratio has none",
                "fill it in, or empty it",
            ),
            (
                currency and currency != contract["currency_code"],
                f"the contract is in {contract['currency_code']}, the coupon in {currency}",
                "state it in the currency of the contract",
            ),
            (
                currency and not _is_payable(amount, minor_units[currency]),
                f"fixed_amount {amount} is no whole number of minor units of {currency}",
                "round it",
            ),
            (
                (scope == "line") != bool(codes),
                "a coupon has line_codes if its scope is line, and none otherwise",
                "correct one of the two",
            ),
            (
                scope != "plan" and pack,
                "only a coupon with scope plan has a pack_id",
                "empty it, or make the scope plan",
            ),
            (
                strangers,
                f"line_codes names {', '.join(strangers)}, which no plan of the contract has",
                "name what follows the colon in plan_lines.csv",
            ),
            (
                pack and pack not in {pack for _, pack in offered},
                f"no line of the contract's plans is of pack_id {pack}",
                "name a pack of the plan, or empty it for all of its lines",
            ),
            (
                row["start_date"] >= contract["end_date"]
                or row["end_date"] <= contract["start_date"],
                f"the coupon is not in force on any day of contract {row['contract_id']}",
                "correct start_date and end_date, or name another contract",
            ),
        )


def _offers(catalogue: Catalogue) -> dict[str, set[tuple[str, str]]]:
    """Contract -> code and pack of each line of the plans that it has at some time."""
    plans = {row["plan_version_id"]: row["plan_id"] for row in catalogue["plan_versions"]}
    lines: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for row in catalogue["plan_lines"]:
        code = row["plan_line_id"].removeprefix(f"{row['plan_version_id']}:")
        lines[plans[row["plan_version_id"]]].add((code, row["pack_id"]))
    offers: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for name in ("contracts", "contract_plan_changes"):
        for row in catalogue[name]:
            offers[row["contract_id"]] |= lines[row["plan_id"]]
    return offers


def _credit_grants(catalogue: Catalogue) -> Iterator[Finding]:
    contracts = {row["contract_id"]: row for row in catalogue["contracts"]}
    minor_units = _minor_units(catalogue)
    for row in catalogue["credit_grants"]:
        contract, currency = contracts.get(row["contract_id"] or ""), row["currency_code"]
        yield from _broken(
            "credit_grants.csv",
            row,
            (
                bool(row["tenant_id"]) == bool(row["contract_id"]),
                "a credit is granted to a tenant or to one of its contracts",
                "fill in one of tenant_id and contract_id",
            ),
            (
                contract and contract["currency_code"] != currency,
                f"the contract is in {contract and contract['currency_code']}, "
                f"the credit in {currency}",
                "state it in the currency of the contract",
            ),
            (
                not _is_payable(row["amount"], minor_units[currency]),
                f"amount {row['amount']} is no whole number of minor units of {currency}",
                "round it",
            ),
            (
                contract
                and row["expires_at"].replace(tzinfo=None)
                <= datetime.combine(contract["start_date"], time()),
                f"the credit expires before contract {row['contract_id']} begins",
                "correct expires_at, or name another contract",
            ),
        )


def _tax_rates(catalogue: Catalogue) -> Iterator[Finding]:
    for row in catalogue["tax_rates"]:
        treatment = row["tax_treatment"] or "standard"
        yield from _broken(
            "tax_rates.csv",
            row,
            (
                treatment != "standard" and row["tax_ratio"] != 0,
                f"tax_treatment {treatment} charges no tax, so tax_ratio is 0",
                "make it 0, or make the treatment standard",
            ),
        )


def _wallets_have_one_timing(catalogue: Catalogue) -> Iterator[Finding]:
    """A wallet is of the tenant: it cannot be drawn before tax here and after it there."""
    tenants = {row["contract_id"]: row["tenant_id"] for row in catalogue["contracts"]}
    timings = dict.fromkeys(tenants, "after_tax")
    for row in catalogue["tax_terms"]:
        timings[row["contract_id"]] = row["wallet_timing"] or "after_tax"
    used: dict[str, set[str]] = defaultdict(set)
    for contract, timing in timings.items():
        used[tenants[contract]].add(timing)
    for row in catalogue["tax_terms"]:
        tenant = tenants[row["contract_id"]]
        yield from _broken(
            "tax_terms.csv",
            row,
            (
                row["wallet_timing"] == "before_tax" and len(used[tenant]) > 1,
                f"the contracts of tenant {tenant} differ in wallet_timing",
                "make it before_tax for all of them or for none",
            ),
            (
                row["wallet_timing"] == "before_tax" and row["prices_include_tax"] == "true",
                "prices that include tax are paid with it",
                "make wallet_timing after_tax, or prices_include_tax false",
            ),
        )


def _minor_units(catalogue: Catalogue) -> dict[str, int]:
    return {row["currency_code"]: row["minor_unit"] for row in catalogue["currencies"]}


def _is_payable(amount: Decimal | None, minor_unit: int) -> bool:
    return amount is None or fits(f"{amount:f}", 28, minor_unit)


SETTLEMENT_RULES: tuple[tuple[tuple[str, ...], Rule], ...] = (
    (
        (
            *("coupons", "contracts", "contract_plan_changes", "plan_versions", "plan_lines"),
            "currencies",
        ),
        _coupons,
    ),
    (("credit_grants", "contracts", "currencies"), _credit_grants),
    (("tax_rates",), _tax_rates),
    (("tax_terms", "contracts"), _wallets_have_one_timing),
)
"""The files that a rule reads, and the rule."""
