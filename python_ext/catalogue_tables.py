"""What the files of the catalogue hold: columns, how each is written, keys, references, ranges."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from python_ext.locale_text import is_locale
from python_ext.time_of_day import WEEKDAYS, zone

PRICE = (16, 9)
QUANTITY = (22, 9)
"""Digits in all, digits after the point: see Money in the architecture."""


class RefusedError(ValueError):
    """A text that a column does not take: the rule, read after the column's name, and a remedy."""

    def __init__(self, rule: str, remedy: str) -> None:
        super().__init__(rule)
        self.rule = rule
        self.remedy = remedy


Parser = Callable[[str], Any]
"""Turns a text into its value, or raises RefusedError."""


@dataclass(frozen=True)
class Column:
    """One column. An empty cell is None, and refused where `is_required`.

    `refers_to` is the file whose first column must hold the value; where `is_list`, each of several
    values parted by a bar.
    """

    parse: Parser
    is_required: bool = True
    refers_to: str | None = None
    is_list: bool = False


@dataclass(frozen=True)
class Table:
    """One file. Each of `keys` is unique; the first is the primary key.

    `span` names the two columns of a half-open range. Ranges of rows that agree in `apart_by` do
    not overlap, and where `is_gapless`, each begins where the one before ends. Where it
    `only_describes`, a row about something that is not there is told and left out.
    """

    keys: tuple[tuple[str, ...], ...]
    columns: Mapping[str, Column]
    span: tuple[str, str] | None = None
    apart_by: tuple[str, ...] = ()
    is_gapless: bool = False
    only_describes: bool = False


def fits(text: str, precision: int, scale: int) -> bool:
    """Whether DECIMAL(precision, scale) stores a plain decimal number without losing a digit."""
    number = re.fullmatch(r"[+-]?(\d+)(?:[.](\d+))?", text, re.ASCII)
    if not number:
        return False
    whole, decimals = number[1].lstrip("0"), (number[2] or "").rstrip("0")
    return len(whole) <= precision - scale and len(decimals) <= scale


def _text(text: str) -> str:
    if text != text.strip():
        raise RefusedError("has blanks around it", "take them away")
    return text


def _pattern(pattern: str, rule: str, remedy: str, value: Parser) -> Parser:
    def parse(text: str) -> Any:
        if not re.fullmatch(pattern, text, re.ASCII):
            raise RefusedError(f"{rule}, found {text}", remedy)
        try:
            return value(text)
        except ValueError:
            raise RefusedError(f"{rule}, found {text}", remedy) from None

    return parse


def _decimal(
    precision: int, scale: int, is_valid: Callable[[Decimal], bool], range_rule: str
) -> Parser:
    def parse(text: str) -> Decimal:
        if not fits(text, precision, scale):
            raise RefusedError(
                f"is a plain decimal number with at most {precision - scale} digits before "
                f"and {scale} after the point, found {text}",
                "write it out, or round it yourself",
            )
        if not is_valid(Decimal(text)):
            raise RefusedError(f"is {range_rule}, found {text}", "correct it")
        return Decimal(text)

    return parse


def _one_of(*values: str) -> Column:
    def parse(text: str) -> str:
        if text not in values:
            raise RefusedError(
                f"is not one of {', '.join(values)}, found {text}", "choose one of them"
            )
        return text

    return Column(parse)


def _ref(file: str) -> Column:
    return Column(_text, refers_to=file)


def _optional(column: Column) -> Column:
    return Column(column.parse, False, column.refers_to, column.is_list)


def _any_of(column: Column) -> Column:
    return Column(column.parse, False, column.refers_to, True)


def _whole(lowest: int, highest: int = 2**31 - 1) -> Column:
    rule = f"is a whole number from {lowest} to {highest}"

    def value(text: str) -> int:
        if not lowest <= int(text) <= highest:
            raise ValueError
        return int(text)

    return Column(_pattern(r"\d{1,10}", rule, "correct it", value))


def _zone_name(text: str) -> str:
    return zone(text).key


def _locale(text: str) -> str:
    if not is_locale(text):
        raise RefusedError(f"is no known locale, found {text}", "write it like en_US or de_DE")
    return text


def _iban(text: str) -> str:
    """ISO 13616: the number, its first four characters at its end, is 1 modulo 97."""
    packed = text.replace(" ", "").upper()
    moved = packed[4:] + packed[:4]
    is_formed = re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", packed, re.ASCII)
    if not is_formed or int("".join(str(int(sign, 36)) for sign in moved)) % 97 != 1:
        raise RefusedError(
            f"is not an IBAN, found {text}", "correct it; its check digits are wrong"
        )
    return text


TEXT = Column(_text)
NOTE = Column(_text, is_required=False)
LIMIT = Column(
    _pattern(
        r"\d{1,18}[+]?|unlimited|custom",
        "is a whole number, one with a + for what is included at the least, unlimited or custom",
        "write it like 100, 1000+, unlimited or custom; empty is unlimited",
        str,
    ),
    is_required=False,
)
MINOR_UNIT = Column(
    _pattern("[0234]", "is 0, 2, 3 or 4", "look it up in ISO 4217: 2 for EUR, 0 for JPY", int)
)
BOOLEAN = _one_of("true", "false")
DATE = Column(
    _pattern(
        r"\d{4}-\d\d-\d\d", "is a date YYYY-MM-DD", "write it like 2025-07-16", date.fromisoformat
    )
)
MONTH = Column(
    _pattern(
        r"\d{4}-\d\d-01",
        "is the first day of a month YYYY-MM-01",
        "write it like 2025-07-01",
        date.fromisoformat,
    )
)
INSTANT = Column(
    _pattern(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d([.]\d{1,6})?Z",
        "is an instant YYYY-MM-DDTHH:MM:SSZ",
        "write it like 2025-07-16T00:00:00Z",
        datetime.fromisoformat,
    )
)
AMOUNT = Column(_decimal(*PRICE, lambda number: number >= 0, "zero or more"))
PAID = Column(_decimal(*PRICE, lambda number: number > 0, "more than zero"))
BUDGET = Column(_decimal(22, 2, lambda number: number >= 0, "zero or more"))
RATE = Column(_decimal(18, 9, lambda number: number > 0, "more than zero"))
RATIO = Column(_decimal(*PRICE, lambda number: 0 <= number <= 1, "from 0 to 1"))
FREE = Column(_decimal(*QUANTITY, lambda number: number >= 0, "zero or more"))
SIZE = Column(_decimal(*QUANTITY, lambda number: number > 0, "more than zero"))
FACTOR = Column(_decimal(9, 6, lambda number: number > 0, "more than zero"))
CHARGE_MODELS = (
    "flat",
    "per_unit",
    "graduated",
    "volume",
    "package",
    "stairstep",
    "percentage",
    "graduated_percentage",
    "basis_points",
    "blocks_all_tiers",
    "blocks_top_tier",
    "dynamic",
    "matrix",
)
TIME_ZONE = Column(
    _pattern(
        r"[A-Za-z0-9_+/-]+",
        "is an IANA time zone",
        "write it like Europe/Berlin, or UTC",
        _zone_name,
    )
)
AGGREGATIONS = (
    "sum",
    "count",
    "max",
    "min",
    "latest",
    "count_distinct",
    "count_distinct_prorated",
    "time_weighted",
    "sum_prorated",
    "percentile",
    "sum_of_maxima",
)
FROM_TAG = Column(
    _pattern(
        r"tag:\S+|(?!tag:)\S(.*\S)?",
        "is a value, or tag: and the key of the tag that holds it",
        "write it like core-eu or tag:cluster",
        str,
    ),
    is_required=False,
)
POOL_DIMENSIONS = ("provider", "service", "cluster", "region", "resource_type", "pack")
"""What direct cost can be asked to have in common with the cost that follows it."""
METADATA_FILTER = Column(
    _pattern(
        r"[^=;]+=[^=;]+(;[^=;]+=[^=;]+)*",
        "reads key=value|value, several parted by ;",
        "write it like region=eu|us;model=large",
        str,
    )
)
PERCENTILE = Column(_decimal(9, 6, lambda number: 0 < number <= 100, "more than 0, at most 100"))
ROUNDING_PRECISION = Column(
    _pattern(r"-?[0-9]", "is a whole number from -9 to 9", "correct it", int)
)
ACTIONS = (
    "amend_contract",
    "apply_discount",
    "change_price_plan",
    "close_period",
    "grant_credit",
    "issue_credit_memo",
    "issue_debit_memo",
    "issue_invoice",
    "rebill_invoice",
    "record_payment",
    "refund_payment",
    "send_invoice",
    "void_invoice",
    "write_off",
)
"""What a rule may cover. An approval is part of another action and has no rule of its own."""

LINE_TYPES = ("fee", "usage", "commitment", "adjustment", "sla_credit")
"""What a line of an invoice is."""

INTERVALS = ("week", "month", "quarter", "half_year", "year")
"""What may lie between one bill and the next."""

ROLLOUTS = ("grandfather", "next_period", "immediate_prorated")
"""How a new price reaches those who have the plan, from never to at once."""

GOVERNED = {"recorded_at": INSTANT, "policy_decision_id": NOTE}
"""A row that changes money once a decision allows it: the decision may also land, or come later."""

RECORDED = {"recorded_at": INSTANT, "policy_decision_id": _ref("policy_decisions")}
EFFECTIVE = ("effective_from_date", "effective_to_date")
EFFECTIVE_DATES = {"effective_from_date": DATE, "effective_to_date": DATE}
TERM = ("start_date", "end_date")
TERM_DATES = {"start_date": DATE, "end_date": DATE}

TABLES: Mapping[str, Table] = {
    "allocation_rules": Table(
        (("allocation_rule_id", "rule_version"),),
        {
            "allocation_rule_id": TEXT,
            "rule_version": _whole(1),
            "driver_grain": _one_of("hour", "day", "month"),
            "zero_driver": _one_of("unallocated", "even"),
            **EFFECTIVE_DATES,
            **RECORDED,
        },
        span=EFFECTIVE,
        apart_by=("allocation_rule_id",),
    ),
    "allocation_shares": Table(
        (("allocation_rule_id", "rule_version", "share_number"),),
        {
            "allocation_rule_id": _ref("allocation_rules"),
            "rule_version": _whole(1),
            "share_number": _whole(1),
            "share_ratio": RATIO,
            "driver": _one_of("meter", "direct_cost", "even", "rule"),
            "driver_meter_id": _optional(_ref("meters")),
            "next_allocation_rule_id": _optional(_ref("allocation_rules")),
            "tenant_ids": _any_of(_ref("tenants")),
            "same_as": _any_of(_one_of(*POOL_DIMENSIONS)),
            "capacity_quantity": _optional(SIZE),
        },
    ),
    "billing_terms": Table(
        (("contract_id", "start_date"),),
        {
            "contract_id": _ref("contracts"),
            **TERM_DATES,
            "anchor": _optional(_one_of("calendar", "anniversary")),
            "anchor_date": _optional(DATE),
            "fee_interval": _optional(_one_of(*INTERVALS)),
            "fee_timing": _optional(_one_of("in_arrears", "in_advance")),
            "proration": _optional(_one_of("by_day", "by_second", "none")),
            "split_rounding": _optional(_one_of("cumulative", "each_part")),
            "rounding_mode": _optional(_one_of("half_away", "half_even")),
            "time_zone": _optional(TIME_ZONE),
            "trial_end_date": _optional(DATE),
            "service_from_at": _optional(INSTANT),
            "service_to_at": _optional(INSTANT),
            "auto_renew_months": _optional(_whole(1, 120)),
            "cancelled_date": _optional(DATE),
            **GOVERNED,
        },
        span=TERM,
        apart_by=("contract_id",),
    ),
    "budgets": Table(
        (("measure", "tenant_id", "pack_id", "budget_month"),),
        {
            "measure": _one_of("revenue", "cogs"),
            "tenant_id": _optional(_ref("tenants")),
            "pack_id": _optional(_ref("packs")),
            "budget_month": MONTH,
            "amount_usd": BUDGET,
            **RECORDED,
        },
        only_describes=True,
    ),
    "business_units": Table(
        (("business_unit_id",),),
        {"business_unit_id": TEXT, "tenant_id": _ref("tenants"), "business_unit_name": TEXT},
    ),
    "capabilities": Table((("capability_id",),), {"capability_id": TEXT, "capability_name": TEXT}),
    "contract_packs": Table(
        (("contract_id", "pack_id"),), {"contract_id": _ref("contracts"), "pack_id": _ref("packs")}
    ),
    "chart_of_accounts": Table(
        (("account_id",), ("posting_role",)),
        {
            "account_id": TEXT,
            "account_name": TEXT,
            "account_type": _one_of(
                "asset", "liability", "equity", "revenue", "contra_revenue", "expense"
            ),
            "posting_role": TEXT,
            "gl_code": TEXT,
        },
    ),
    "commitments": Table(
        (("commitment_id",),),
        {
            "commitment_id": TEXT,
            "contract_id": _optional(_ref("contracts")),
            "plan_version_id": _optional(_ref("plan_versions")),
            "currency_code": _ref("currencies"),
            "amount": AMOUNT,
            "commitment_interval": _one_of("month"),
            "overage_factor": _optional(FACTOR),
            "is_trued_up": _optional(BOOLEAN),
            **TERM_DATES,
            **GOVERNED,
        },
        span=TERM,
    ),
    "contract_overrides": Table(
        (("contract_id", "line_code", "start_date"),),
        {
            "contract_id": _ref("contracts"),
            "line_code": TEXT,
            "plan_line_id": _ref("plan_lines"),
            **TERM_DATES,
            **GOVERNED,
        },
        span=TERM,
        apart_by=("contract_id", "line_code"),
    ),
    "contract_plan_changes": Table(
        (("contract_id", "effective_date"),),
        {
            "contract_id": _ref("contracts"),
            "plan_id": _ref("price_plans"),
            "effective_date": DATE,
            "change_policy": _one_of("immediate_prorated", "next_period"),
            **GOVERNED,
        },
    ),
    "contract_quantities": Table(
        (("contract_id", "line_code", "start_date"),),
        {
            "contract_id": _ref("contracts"),
            "line_code": TEXT,
            "quantity": _whole(0),
            **TERM_DATES,
            **GOVERNED,
        },
        span=TERM,
        apart_by=("contract_id", "line_code"),
    ),
    "contracts": Table(
        (("contract_id",),),
        {
            "contract_id": TEXT,
            "tenant_id": _ref("tenants"),
            "plan_id": _ref("price_plans"),
            "contract_type": TEXT,
            "currency_code": _ref("currencies"),
            **TERM_DATES,
            "billing_interval": _one_of(*INTERVALS),
            "payment_terms_days": _whole(0, 3650),
            "issuing_entity_id": _ref("issuing_entities"),
            **GOVERNED,
        },
        span=TERM,
    ),
    "coupons": Table(
        (("coupon_id",),),
        {
            "coupon_id": TEXT,
            "contract_id": _ref("contracts"),
            "scope": _one_of("line", "plan", "all"),
            "line_codes": _any_of(TEXT),
            "pack_id": _optional(_ref("packs")),
            "fixed_amount": _optional(PAID),
            "currency_code": _optional(_ref("currencies")),
            "coupon_ratio": _optional(RATIO),
            **TERM_DATES,
            "duration_period_count": _optional(_whole(1)),
            "description": NOTE,
            **GOVERNED,
        },
        span=TERM,
    ),
    "cost_categories": Table(
        (("cost_category",),),
        {"cost_category": TEXT, "cost_category_name": TEXT, "is_cogs": BOOLEAN},
    ),
    "cost_mapping_rules": Table(
        (("rule_id", "rule_version"),),
        {
            "rule_id": TEXT,
            "rule_version": _whole(1),
            "priority": _whole(0),
            "provider_name": NOTE,
            "account_id": NOTE,
            "service_name": NOTE,
            "resource_pattern": NOTE,
            "charge_category": _optional(
                _one_of("Usage", "Purchase", "Tax", "Credit", "Adjustment")
            ),
            "commitment_status": _optional(_one_of("Used", "Unused")),
            "tag_key": NOTE,
            "tag_value": NOTE,
            "tenant_id": FROM_TAG,
            "internal_service": FROM_TAG,
            "cluster": FROM_TAG,
            "region": FROM_TAG,
            "pack_id": _optional(_ref("packs")),
            "capability_id": _optional(_ref("capabilities")),
            "resource_type": _optional(
                _one_of(
                    "compute", "storage", "database", "network", "third_party", "support", "other"
                )
            ),
            "cost_category": _ref("cost_categories"),
            "allocation_rule_id": _optional(_ref("allocation_rules")),
            **EFFECTIVE_DATES,
            **RECORDED,
        },
        span=EFFECTIVE,
        apart_by=("rule_id",),
    ),
    "cost_statement_rules": Table(
        (("statement_rule_id",),),
        {
            "statement_rule_id": TEXT,
            "provider_name": NOTE,
            "restatement": _one_of("add", "replace"),
            "correction_posting": _one_of("billing_month", "charge_month"),
            **EFFECTIVE_DATES,
            **RECORDED,
        },
        span=EFFECTIVE,
        apart_by=("provider_name",),
    ),
    "credit_breakage": Table(
        (("breakage_id",),),
        {
            "breakage_id": TEXT,
            "contract_id": _optional(_ref("contracts")),
            "breakage_ratio": RATIO,
            **EFFECTIVE_DATES,
            **RECORDED,
        },
        span=EFFECTIVE,
        apart_by=("contract_id",),
    ),
    "credit_grants": Table(
        (("grant_id",),),
        {
            "grant_id": TEXT,
            "tenant_id": _optional(_ref("tenants")),
            "contract_id": _optional(_ref("contracts")),
            "currency_code": _ref("currencies"),
            "amount": PAID,
            "grant_kind": _one_of("granted", "purchased"),
            "line_types": _any_of(_one_of(*LINE_TYPES)),
            "priority": _whole(0),
            "effective_at": INSTANT,
            "expires_at": INSTANT,
            **GOVERNED,
        },
        span=("effective_at", "expires_at"),
    ),
    "currencies": Table(
        (("currency_code",),),
        {"currency_code": TEXT, "currency_name": TEXT, "minor_unit": MINOR_UNIT},
    ),
    "discounts": Table(
        (("discount_id",),),
        {
            "discount_id": TEXT,
            "contract_id": _optional(_ref("contracts")),
            "plan_version_id": _optional(_ref("plan_versions")),
            "line_code": NOTE,
            "pack_id": _optional(_ref("packs")),
            "discount_ratio": RATIO,
            "sequence": _whole(1),
            **TERM_DATES,
            **GOVERNED,
        },
        span=TERM,
    ),
    "dunning_stages": Table(
        (("dunning_stage",), ("after_days",)),
        {"dunning_stage": TEXT, "after_days": _whole(1)},
    ),
    "event_categories": Table(
        (("category",),), {"category": TEXT, "default_pack_id": _optional(_ref("packs"))}
    ),
    "exchange_rates": Table(
        (("currency_code", "rate_month"),),
        {"currency_code": _ref("currencies"), "rate_month": MONTH, "usd_per_unit": RATE},
    ),
    "features": Table(
        (("feature_id",),),
        {
            "feature_id": TEXT,
            "feature_name": TEXT,
            "pack_id": _ref("packs"),
            "capability_id": _ref("capabilities"),
        },
    ),
    "interim_closes": Table(
        (("contract_id", "close_date"),),
        {"contract_id": _ref("contracts"), "close_date": DATE, **GOVERNED},
    ),
    "invoice_parties": Table(
        (("party_type", "party_id"),),
        {
            "party_type": _one_of("issuing_entity", "tenant"),
            "party_id": TEXT,
            "address_lines": NOTE,
            "tax_number": NOTE,
            "locale": _optional(Column(_locale)),
            "email": NOTE,
            "bank_name": NOTE,
            "iban": _optional(Column(_iban)),
            "bic": NOTE,
            "account_number": NOTE,
            "routing_number": NOTE,
        },
    ),
    "issuing_entities": Table(
        (("issuing_entity_id",),),
        {
            "issuing_entity_id": TEXT,
            "entity_name": TEXT,
            "country_code": TEXT,
            "invoice_prefix": TEXT,
        },
    ),
    "meters": Table(
        (("meter_id", "effective_from_at"),),
        {
            "meter_id": TEXT,
            "meter_name": TEXT,
            "category": _any_of(_ref("event_categories")),
            "event_type": _any_of(TEXT),
            "pack_id": _any_of(_ref("packs")),
            "environment": _any_of(TEXT),
            "actor_type": _any_of(TEXT),
            "metadata_filter": _optional(METADATA_FILTER),
            "group_by": _any_of(TEXT),
            "value_field": _one_of("quantity", "bytes", "actor_id", "event"),
            "aggregation": _one_of(*AGGREGATIONS),
            "percentile": _optional(PERCENTILE),
            "distinct_key": NOTE,
            "base_window": _one_of("1h", "1d"),
            "reading_window": _one_of("1h", "1d", "month"),
            "unit": TEXT,
            "unit_multiplier": _optional(_whole(1)),
            "unit_divisor": _optional(_whole(1)),
            "rounding_function": _optional(_one_of("round", "ceil", "floor")),
            "rounding_precision": _optional(ROUNDING_PRECISION),
            "is_billable": BOOLEAN,
            "keeps_values": _optional(BOOLEAN),
            "effective_from_at": INSTANT,
            "effective_to_at": INSTANT,
            "recorded_at": INSTANT,
        },
        span=("effective_from_at", "effective_to_at"),
        apart_by=("meter_id",),
    ),
    "monitor_thresholds": Table(
        (("monitor",),),
        {
            "monitor": _one_of("intake_drift"),
            "drop_ratio": RATIO,
            "surge_ratio": RATE,
            "minimum_daily_lines": _whole(1),
        },
    ),
    "packs": Table((("pack_id",),), {"pack_id": TEXT, "pack_name": TEXT}),
    "plan_line_tiers": Table(
        (("plan_line_id", "currency_code", "group_value", "tier_number"),),
        {
            "plan_line_id": _ref("plan_lines"),
            "currency_code": _ref("currencies"),
            "tier_number": _whole(1),
            "up_to_quantity": _optional(SIZE),
            "unit_price": AMOUNT,
            "flat_amount": AMOUNT,
            "block_size": _optional(SIZE),
            "group_value": NOTE,
        },
    ),
    "plan_line_terms": Table(
        (("plan_line_id", "currency_code"),),
        {
            "plan_line_id": _ref("plan_lines"),
            "currency_code": _ref("currencies"),
            "minimum_amount": _optional(AMOUNT),
            "maximum_amount": _optional(AMOUNT),
            "fixed_amount_per_event": _optional(AMOUNT),
            "free_event_count": _optional(_whole(0)),
            "free_event_amount": _optional(FREE),
            "minimum_amount_per_event": _optional(AMOUNT),
            "maximum_amount_per_event": _optional(AMOUNT),
            "commitment_amount": _optional(AMOUNT),
            "commitment_quantity": _optional(SIZE),
            "commitment_window": _optional(_one_of("segment", "hour", "day")),
            "overage_factor": _optional(FACTOR),
            "is_trued_up": _optional(BOOLEAN),
            "fair_use_quantity": _optional(FREE),
            "fair_use_policy": _optional(_one_of("block", "overage", "notify")),
            "fair_use_unit_price": _optional(AMOUNT),
        },
    ),
    "plan_lines": Table(
        (("plan_line_id",),),
        {
            "plan_line_id": TEXT,
            "plan_version_id": _ref("plan_versions"),
            "line_kind": _one_of("fee", "one_time", "usage"),
            "pack_id": _ref("packs"),
            "meter_id": _optional(_ref("meters")),
            "charge_model": _one_of(*CHARGE_MODELS),
            "environments": Column(_text, is_list=True),
            "free_quantity": _optional(FREE),
            "package_size": _optional(SIZE),
            "package_rounding": _optional(_one_of("up", "down")),
            "flat_at_zero": _optional(_one_of("charged", "not_charged")),
            "volume_edge": _optional(_one_of("accept", "full_previous_tier")),
            "tiers_per": _optional(_one_of("line", "group", "hour", "day")),
            "split_rating": _optional(_one_of("cumulative", "each_part")),
            "amount_key": NOTE,
            "unit_multiplier": _optional(_whole(1)),
            "unit_divisor": _optional(_whole(1)),
            "rounding_function": _optional(_one_of("round", "ceil", "floor")),
            "rounding_precision": _optional(ROUNDING_PRECISION),
            "description": NOTE,
            "pooled_over": _optional(_one_of("contract", "family")),
            "tax_category": NOTE,
        },
    ),
    "plan_versions": Table(
        (("plan_version_id",), ("plan_id", "version")),
        {
            "plan_version_id": TEXT,
            "plan_id": _ref("price_plans"),
            "version": _whole(1),
            **EFFECTIVE_DATES,
            "rollout": _optional(_one_of(*ROLLOUTS)),
            "supersedes_plan_version_id": _optional(_ref("plan_versions")),
            **GOVERNED,
        },
        span=EFFECTIVE,
    ),
    "policy_actors": Table(
        (("actor_id", "role", "effective_from_date"),),
        {"actor_id": TEXT, "role": TEXT, **EFFECTIVE_DATES, "recorded_at": INSTANT},
        span=EFFECTIVE,
        apart_by=("actor_id", "role"),
    ),
    "policy_decisions": Table(
        (("policy_decision_id",),),
        {
            "policy_decision_id": TEXT,
            "decided_at": INSTANT,
            "actor_id": _ref("policy_actors"),
            "rule_id": _ref("policy_rules"),
            "effect": _one_of("allow", "deny"),
            "subject_type": TEXT,
            "subject_id": TEXT,
            "scope": _one_of("standing", "one_act", "one act", "act"),
            "valid_from_at": INSTANT,
            "valid_to_at": INSTANT,
        },
        span=("valid_from_at", "valid_to_at"),
    ),
    "policy_rules": Table(
        (("rule_id", "action", "effective_from_date"),),
        {
            "rule_id": TEXT,
            "action": _one_of(*ACTIONS),
            "permitted_roles": _any_of(TEXT),
            "permitted_actors": _any_of(_ref("policy_actors")),
            "second_approver_above_usd": _optional(AMOUNT),
            "second_approver_above_ratio": _optional(RATIO),
            **EFFECTIVE_DATES,
            "recorded_at": INSTANT,
        },
        span=EFFECTIVE,
        apart_by=("rule_id", "action"),
    ),
    "price_plans": Table(
        (("plan_id",),),
        {
            "plan_id": TEXT,
            "sku": TEXT,
            "plan_name": TEXT,
            "edition": TEXT,
            "billing_interval": _one_of(*INTERVALS),
        },
    ),
    "quality_monitors": Table(
        (("monitor",),),
        {
            "monitor": TEXT,
            "severity": _one_of("error", "warn", "info", "off"),
            "minimum_count": _optional(_whole(1)),
            "minimum_ratio": _optional(RATE),
            "minimum_age_days": _optional(_whole(1)),
            "minimum_score": _optional(RATE),
            "open_days": _optional(_whole(1)),
            "remedy": TEXT,
        },
    ),
    "revenue_policies": Table(
        (("revenue_policy_id",),),
        {
            "revenue_policy_id": TEXT,
            "contract_id": _optional(_ref("contracts")),
            "line_code": _optional(TEXT),
            "fee_convention": _one_of("daily", "monthly", "thirty_360"),
            "fee_term": _one_of("service_period", "contract_term"),
            "modification": _one_of("prospective", "catch_up"),
            "cancellation": _one_of("recognise_rest", "unchanged"),
            "one_time_over": _one_of("at_once", "months", "contract_term"),
            "one_time_months": _optional(_whole(1, 600)),
            "shortfall": _one_of("at_end", "spread"),
            "credit_memo": _one_of("by_share_earned", "on_issue"),
            **EFFECTIVE_DATES,
            **RECORDED,
        },
        span=EFFECTIVE,
        apart_by=("contract_id", "line_code"),
    ),
    "skus": Table(
        (("sku",),),
        {
            "sku": TEXT,
            "sku_name": TEXT,
            "sku_kind": _one_of("edition", "residency", "pack"),
            "plan_id": _optional(_ref("price_plans")),
            "pack_id": _optional(_ref("packs")),
            "region": NOTE,
            "price_change_policy": _one_of(*ROLLOUTS),
        },
        only_describes=True,
    ),
    "standalone_prices": Table(
        (("contract_id", "line_code", "effective_from_date"),),
        {
            "contract_id": _ref("contracts"),
            "line_code": TEXT,
            "standalone_amount": _optional(PAID),
            "group_code": _optional(TEXT),
            "group_amount": _optional(PAID),
            **EFFECTIVE_DATES,
            **RECORDED,
        },
        span=EFFECTIVE,
        apart_by=("contract_id", "line_code"),
    ),
    "tax_rates": Table(
        (("tax_region", "customer_kind", "tax_category", "tax_name", "effective_from_date"),),
        {
            "tax_region": TEXT,
            "customer_kind": TEXT,
            "tax_category": NOTE,
            "tax_name": TEXT,
            "tax_ratio": RATIO,
            "tax_treatment": _optional(_one_of("standard", "reverse_charge", "exempt")),
            **EFFECTIVE_DATES,
            **RECORDED,
        },
        span=EFFECTIVE,
        apart_by=("tax_region", "customer_kind", "tax_category", "tax_name"),
    ),
    "tax_terms": Table(
        (("contract_id",),),
        {
            "contract_id": _ref("contracts"),
            "tax_rounding": _optional(_one_of("per_invoice", "per_line", "each_tax")),
            "prices_include_tax": _optional(BOOLEAN),
            "wallet_timing": _optional(_one_of("after_tax", "before_tax")),
            **GOVERNED,
        },
    ),
    "tenant_families": Table(
        (("family_id", "tenant_id", "effective_from_date"),),
        {"family_id": TEXT, "tenant_id": _ref("tenants"), **EFFECTIVE_DATES, **GOVERNED},
        span=EFFECTIVE,
        apart_by=("tenant_id",),
    ),
    "tenants": Table(
        (("tenant_id",),),
        {
            "tenant_id": TEXT,
            "tenant_name": TEXT,
            "tier_id": _ref("tiers"),
            "region": TEXT,
            "country_code": TEXT,
            "tax_region": TEXT,
            "customer_kind": TEXT,
            "billing_currency_code": _ref("currencies"),
            "is_internal": BOOLEAN,
        },
    ),
    "third_party_skus": Table(
        (("hint_sku", "effective_from_date"),),
        {
            "hint_sku": TEXT,
            "provider_name": TEXT,
            "service_name": NOTE,
            "sku_id": NOTE,
            "included_quantity": _optional(FREE),
            "tolerance_ratio": RATIO,
            **EFFECTIVE_DATES,
            **RECORDED,
        },
        span=EFFECTIVE,
        apart_by=("hint_sku",),
    ),
    "tier_features": Table(
        (("tier_id", "tier_feature_id"),),
        {"tier_id": _ref("tiers"), "tier_feature_id": TEXT, "tier_feature_name": TEXT},
        only_describes=True,
    ),
    "tiers": Table(
        (("tier_id",),),
        {
            "tier_id": TEXT,
            "tier_name": TEXT,
            "includes_tier_id": _optional(_ref("tiers")),
            "users_limit": LIMIT,
            "components_limit": LIMIT,
            "api_calls_limit": LIMIT,
            "storage_gb_limit": LIMIT,
            "support_level": TEXT,
            "sla_uptime_ratio": _optional(RATIO),
        },
    ),
    "time_of_day_commitments": Table(
        (("commitment_id",),),
        {
            "commitment_id": TEXT,
            "contract_id": _ref("contracts"),
            "line_code": TEXT,
            "time_zone": TIME_ZONE,
            "weekdays": _any_of(_one_of(*WEEKDAYS)),
            "from_hour": _whole(0, 23),
            "to_hour": _whole(1, 24),
            "committed_quantity": _optional(SIZE),
            "committed_amount": _optional(AMOUNT),
            "unit_price": AMOUNT,
            "start_date": DATE,
            "end_date": DATE,
            **GOVERNED,
        },
        span=("start_date", "end_date"),
    ),
    "unit_cost_targets": Table(
        (("meter_id", "pack_id", "effective_from_date"),),
        {
            "meter_id": _ref("meters"),
            "pack_id": _ref("packs"),
            "capability_ids": _any_of(_ref("capabilities")),
            "target_unit_cost_usd": PAID,
            "regression_ratio": RATIO,
            **EFFECTIVE_DATES,
            **RECORDED,
        },
        span=EFFECTIVE,
        apart_by=("meter_id", "pack_id"),
    ),
    "unit_grants": Table(
        (("grant_id",),),
        {
            "grant_id": TEXT,
            "contract_id": _ref("contracts"),
            "meter_ids": _any_of(_ref("meters")),
            "pack_ids": _any_of(_ref("packs")),
            "grant_kind": _one_of("granted", "purchased"),
            "quantity": SIZE,
            "priority": _whole(0),
            "effective_at": INSTANT,
            "expires_at": INSTANT,
            "recurrence": _one_of("none", "day", "month"),
            "rollover_limit_quantity": _optional(FREE),
            **GOVERNED,
        },
        span=("effective_at", "expires_at"),
    ),
    "volume_rebates": Table(
        (("rebate_id", "tier_number"),),
        {
            "rebate_id": TEXT,
            "contract_id": _ref("contracts"),
            "line_code": TEXT,
            "currency_code": _ref("currencies"),
            "tier_number": _whole(1),
            "above_quantity": FREE,
            "unit_price": AMOUNT,
            "start_date": MONTH,
            "end_date": MONTH,
            **GOVERNED,
        },
        span=("start_date", "end_date"),
        apart_by=("contract_id", "line_code", "tier_number"),
    ),
}
"""File name without its ending -> what it holds."""
