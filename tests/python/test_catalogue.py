"""A user's catalogue is copied, never written, and a bad row is named by file, row and rule."""

import csv
import functools
import itertools
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, localcontext
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from python_ext.catalogue import lay_over
from python_ext.catalogue_rules import Finding, check
from python_ext.catalogue_tables import TABLES, fits
from python_ext.errors import MeterhouseError


@pytest.fixture
def seeds(project_root: Path, tmp_path: Path) -> Path:
    """A copy of the default catalogue, to be broken."""
    return Path(shutil.copytree(project_root / "seeds" / "catalogue", tmp_path / "seeds"))


def read(seeds: Path, name: str) -> list[list[str]]:
    with (seeds / f"{name}.csv").open(newline="") as stream:
        return list(csv.reader(stream))


def write(seeds: Path, name: str, rows: list[list[str]]) -> None:
    with (seeds / f"{name}.csv").open("w", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(rows)


def row_of(seeds: Path, name: str, *key: str) -> int:
    """Line number of the row whose first cells are `key`."""
    return next(n for n, row in enumerate(read(seeds, name), 1) if row[: len(key)] == list(key))


@dataclass(frozen=True)
class Put:
    """Put `value` into the column of the row with `key`; the finding is expected in that row."""

    name: str
    key: tuple[str, ...]
    column: str
    value: str

    def __call__(self, seeds: Path) -> int:
        rows, number = read(seeds, self.name), row_of(seeds, self.name, *self.key)
        rows[number - 1][rows[0].index(self.column)] = self.value
        write(seeds, self.name, rows)
        return number


@dataclass(frozen=True)
class Add:
    """Add a row at the end; the finding is expected there."""

    name: str
    line: str

    def __call__(self, seeds: Path) -> int:
        rows = [*read(seeds, self.name), self.line.split(",")]
        write(seeds, self.name, rows)
        return len(rows)


@dataclass(frozen=True)
class Drop:
    """Take a row away; the finding is expected in the row that follows it."""

    name: str
    key: tuple[str, ...]

    def __call__(self, seeds: Path) -> int:
        rows, number = read(seeds, self.name), row_of(seeds, self.name, *self.key)
        del rows[number - 1]
        write(seeds, self.name, rows)
        return number


DEALS = "saas_pro@1:deals"  # per unit, nothing free; its meter sums by the hour
ROWS = {
    "billing_terms": "ct-acme-robotics,2026-01-01,9999-12-31,,,,,,,,,,,,,",
    "contract_quantities": "ct-acme-robotics,base,5,2026-01-01,9999-12-31",
    "commitments": "m,ct-acme-robotics,,USD,1000,month,,,2026-01-01,9999-12-31",
    "coupons": "k,ct-acme-robotics,line,decisions|deals,,,,0.1,2026-01-01,9999-12-31,3,Thanks",
    "credit_grants": "w,,ct-acme-robotics,USD,100.5,purchased,fee|usage,1,2026-03-01T00:00:00Z,"
    "2027-03-01T00:00:00Z",
    "contract_overrides": "ct-acme-robotics,decisions,saas_pro@2:decisions,2026-01-01,2027-01-01",
    "contract_plan_changes": "ct-acme-robotics,saas_pro,2026-03-20,immediate_prorated",
    "discounts": "d,ct-acme-robotics,,decisions,,0.1,1,2026-01-01,9999-12-31",
    "interim_closes": "ct-acme-robotics,2026-03-10",
    "plan_line_terms": f"{DEALS},USD,1,10,,,,,,,,,,,,,",
    "plan_versions": "saas_pro@3,saas_pro,3,2025-07-16,9999-12-31,,saas_pro@2",
    "third_party_skus": "s,Other Cloud,Search API,,1000,0.1,2026-01-01,9999-12-31",
    "unit_grants": "g,ct-acme-robotics,meter:policy_decisions|companyos.workflow_runs,,granted,100,"
    "1,2026-03-01T00:00:00Z,2026-04-01T00:00:00Z,none,",
    "standalone_prices": "ct-acme-robotics,base,9,,,2025-01-01,9999-12-31",
    "credit_breakage": "b,ct-acme-robotics,0.1,2025-01-01,9999-12-31",
    "tax_terms": "ct-acme-robotics,per_line,false,before_tax",
    "tenant_families": "f,acme-robotics,2026-01-01,9999-12-31",
    "volume_rebates": "r,ct-acme-robotics,deals,USD,1,100,0.6,2026-01-01,2027-01-01",
    "time_of_day_commitments": "k,ct-acme-robotics,leads,Europe/Berlin,mon|fri,9,17,100,,0.1,"
    "2026-01-01,2027-01-01",
}


def row_with(name: str, **changes: str) -> Add:
    """One more row of a file, a good one but for the changes."""
    decided = ",2026-01-01T00:00:00Z,pd-catalogue-founding"
    cells = ROWS[name] + (decided if "policy_decision_id" in TABLES[name].columns else "")
    cells_by_name = dict(zip(TABLES[name].columns, cells.split(","), strict=True))
    return Add(name, ",".join((cells_by_name | changes).values()))


def coupon(**changes: str) -> Add:
    return row_with("coupons", **changes)


def fixed(**changes: str) -> Add:
    """A coupon of 5 USD off all lines."""
    of_all = {"scope": "all", "line_codes": "", "fixed_amount": "5", "currency_code": "USD"}
    return coupon(**{**of_all, "coupon_ratio": ""} | changes)


def credit(**changes: str) -> Add:
    return row_with("credit_grants", **changes)


def taxed(**changes: str) -> Add:
    return row_with("tax_terms", **changes)


def unit_grant(**changes: str) -> Add:
    return row_with("unit_grants", **changes)


def rebate(**changes: str) -> Add:
    return row_with("volume_rebates", **changes)


def by_hour(**changes: str) -> Add:
    return row_with("time_of_day_commitments", **changes)


@dataclass(frozen=True)
class Both:
    """One deed after the other; the finding is expected where the second is done."""

    first: Callable[[Path], int]
    second: Callable[[Path], int]

    def __call__(self, seeds: Path) -> int:
        self.first(seeds)
        return self.second(seeds)


def terms(**changes: str) -> Add:
    return row_with("plan_line_terms", **changes)


def seats(**changes: str) -> Add:
    return row_with("contract_quantities", **changes)


def billing(**changes: str) -> Add:
    return row_with("billing_terms", **changes)


def discount(**changes: str) -> Add:
    return row_with("discounts", **changes)


def commitment(**changes: str) -> Add:
    return row_with("commitments", **changes)


def override(**changes: str) -> Add:
    return row_with("contract_overrides", **changes)


def correction(**changes: str) -> Add:
    return row_with("plan_versions", **changes)


def line(line_id: str, **values: str) -> Callable[[Path], int]:
    """Options of a plan line, one after the other."""
    deeds: list[Callable[[Path], int]] = [
        Put("plan_lines", (line_id,), column, value) for column, value in values.items()
    ]
    return functools.reduce(Both, deeds)


def tier(column: str, value: str) -> Put:
    """A cell of the one price of the internal edition's deals."""
    return Put("plan_line_tiers", ("internal_edition@1:deals", "USD"), column, value)


def meter(meter_id: str, column: str, value: str) -> Put:
    return Put("meters", (meter_id,), column, value)


def seen_in(name: str, key: str) -> Put:
    """Nothing new, but the finding is expected in the row with the key."""
    return Put(name, (key,), next(iter(TABLES[name].columns)), key)


CORRECTED_DEALS: Callable[[Path], int] = functools.reduce(
    Both,
    [
        Add(
            "plan_lines",
            "saas_pro@3:deals,saas_pro@3,usage,revops,revops.deals_processed,per_unit,production,"
            "0,,,,,,,,,,,,Deals,,",
        ),
        *(
            Add("plan_line_tiers", f"saas_pro@3:deals,{currency},1,,1,0,,")
            for currency in ("USD", "EUR", "GBP", "JPY")
        ),
    ],
)
KEEPS = meter("revops.deals_processed", "keeps_values", "true")
GROUPS = meter("revops.deals_processed", "group_by", "region")
DECISIONS = ("saas_pro@1:decisions", "EUR")
LEADS = ("revops.leads_routed", "revops")
PER_SEAT = Put("plan_lines", ("saas_enterprise@1:base",), "charge_model", "per_unit")
BY_WEEK = Both(
    billing(fee_interval="month"),
    Put("contracts", ("ct-acme-robotics",), "billing_interval", "week"),
)
TWO = "2024-12-01T00:00:00Z,pd-catalogue-founding"
BREAKS: list[tuple[str, Callable[[Path], int], str]] = [
    # how it is written
    ("tax_rates", Put("tax_rates", ("DE",), "effective_from_date", "2025-1-1"), "is a date"),
    ("tax_rates", Put("tax_rates", ("DE",), "effective_from_date", "2025-02-30"), "is a date"),
    ("contracts", Put("contracts", ("ct-acme-robotics",), "end_date", ""), "is empty"),
    ("exchange_rates", Put("exchange_rates", ("EUR",), "rate_month", "2025-01-02"), "first day"),
    ("exchange_rates", Put("exchange_rates", ("EUR",), "usd_per_unit", "0"), "more than zero"),
    ("meters", Put("meters", ("platform.users",), "recorded_at", "2024-12-01"), "is an instant"),
    ("meters", Put("meters", ("platform.users",), "is_billable", "yes"), "one of true, false"),
    ("currencies", Put("currencies", ("EUR",), "minor_unit", "two"), "is 0, 2, 3 or 4"),
    ("currencies", Put("currencies", ("EUR",), "minor_unit", "1"), "is 0, 2, 3 or 4"),
    ("currencies", Put("currencies", ("EUR",), "minor_unit", ""), "is empty"),
    ("packs", Put("packs", ("revops",), "pack_name", " RevOps"), "blanks"),
    ("tax_rates", Put("tax_rates", ("DE",), "tax_ratio", "19"), "from 0 to 1"),
    ("plan_line_tiers", Put("plan_line_tiers", DECISIONS, "unit_price", "0.0000000001"), "decimal"),
    ("plan_line_tiers", Put("plan_line_tiers", DECISIONS, "unit_price", "10000000"), "decimal"),
    ("plan_line_tiers", Put("plan_line_tiers", DECISIONS, "unit_price", "1e-3"), "decimal"),
    ("plan_line_tiers", Put("plan_line_tiers", DECISIONS, "unit_price", "-0.01"), "zero or more"),
    ("plan_line_tiers", Put("plan_line_tiers", DECISIONS, "flat_amount", "-1"), "zero or more"),
    ("plan_line_tiers", Put("plan_line_tiers", DECISIONS, "up_to_quantity", "1" + "0" * 13), "13"),
    ("meters", Put("meters", ("platform.users",), "event_type", "a||b"), "between bars"),
    ("packs", Add("packs", "extra,Extra,too much"), "2 cells"),
    (
        "monitor_thresholds",
        Put("monitor_thresholds", ("intake_drift",), "drop_ratio", "2"),
        "0 to 1",
    ),
    (
        "monitor_thresholds",
        Put("monitor_thresholds", ("intake_drift",), "surge_ratio", "0.9"),
        "a surge more",
    ),
    (
        "monitor_thresholds",
        Put("monitor_thresholds", ("intake_drift",), "monitor", "else"),
        "not one of intake_drift",
    ),
    ("budgets", Put("budgets", ("revenue",), "measure", "margin"), "one of revenue, cogs"),
    ("budgets", Put("budgets", ("cogs",), "amount_usd", "-1"), "zero or more"),
    ("budgets", Put("budgets", ("cogs",), "amount_usd", "1.005"), "2 after the point"),
    ("budgets", Put("budgets", ("cogs",), "budget_month", "2026-01-31"), "first day of a month"),
    ("budgets", Put("budgets", ("revenue", "acme-robotics"), "tenant_id", "acme"), "in tenants"),
    ("budgets", Put("budgets", ("revenue", "", "high_risk_ops"), "pack_id", "x"), "in packs"),
    (
        "budgets",
        Put("budgets", ("revenue", "acme-robotics"), "pack_id", "revops"),
        "a tenant or of a pack, and this names both",
    ),
    ("budgets", Add("budgets", f"cogs,,,2026-05-01,1,{TWO}"), "cogs, , , 2026-05-01 is not unique"),
    ("budgets", Add("budgets", f"cogs,acme-robotics,,2025-09-01,1,{TWO}"), "is not unique"),
    ("meters", Put("meters", ("platform.api_calls",), "distinct_key", "s"), "has no distinct_key"),
    (
        "cost_categories",
        Put("cost_categories", ("overhead",), "is_cogs", "no"),
        "one of true, false",
    ),
    ("cost_categories", Add("cost_categories", "overhead,Twice,false"), "is not unique"),
    (
        "quality_monitors",
        Put("quality_monitors", ("not_sent",), "severity", "fatal"),
        "one of error",
    ),
    ("quality_monitors", Put("quality_monitors", ("not_sent",), "minimum_age_days", "0"), "from 1"),
    ("quality_monitors", Add("quality_monitors", "unsent,warn,,,,,,Ask"), "no monitor unsent"),
    (
        "quality_monitors",
        Put("quality_monitors", ("usage_drop",), "minimum_score", "2.9"),
        "is 3 or more",
    ),
    (
        "quality_monitors",
        Put("quality_monitors", ("usage_drop",), "minimum_score", ""),
        "is 3 or more",
    ),
    (
        "chart_of_accounts",
        Put("chart_of_accounts", ("cash",), "account_type", "money"),
        "one of asset, liability, equity",
    ),
    (
        "chart_of_accounts",
        Put("chart_of_accounts", ("cash",), "account_type", "liability"),
        "posting_role cash is of account_type asset, found liability",
    ),
    (
        "chart_of_accounts",
        Add("chart_of_accounts", "till,Till,asset,cash,1001"),
        "posting_role cash is not unique",
    ),
    (
        "chart_of_accounts",
        Add("chart_of_accounts", "till,Till,asset,till,1001"),
        "the journal has no posting_role till",
    ),
    (
        "unit_cost_targets",
        Put("unit_cost_targets", LEADS, "target_unit_cost_usd", "0"),
        "more than zero",
    ),
    (
        "unit_cost_targets",
        Put("unit_cost_targets", LEADS, "regression_ratio", "-0.1"),
        "from 0 to 1",
    ),
    ("unit_cost_targets", Put("unit_cost_targets", LEADS, "meter_id", "m"), "meters.csv"),
    (
        "unit_cost_targets",
        Put("unit_cost_targets", LEADS, "capability_ids", "routing|magic"),
        "names magic, which is not in capabilities.csv",
    ),
    (
        "unit_cost_targets",
        Put("unit_cost_targets", LEADS, "effective_to_date", "2025-01-01"),
        "is not after",
    ),
    (
        "unit_cost_targets",
        Add("unit_cost_targets", f"revops.leads_routed,revops,,1,0,2026-01-01,9999-12-31,{TWO}"),
        "overlaps the range of revops.leads_routed, revops",
    ),
    # allowed values
    ("plan_lines", Put("plan_lines", ("saas_pro@1:leads",), "charge_model", "stairs"), "stairs"),
    ("plan_lines", Put("plan_lines", ("saas_pro@1:leads",), "line_kind", "gift"), "fee, one_time"),
    ("meters", Put("meters", ("platform.users",), "aggregation", "median"), "count_distinct"),
    ("meters", Put("meters", ("platform.users",), "base_window", "5m"), "1h, 1d"),
    ("meters", Put("meters", ("platform.users",), "reading_window", "year"), "1h, 1d, month"),
    ("meters", Put("meters", ("platform.users",), "value_field", "weight"), "actor_id"),
    (
        "cost_mapping_rules",
        Put("cost_mapping_rules", ("direct-tenant",), "charge_category", "usage"),
        "Usage, Purchase",
    ),
    (
        "policy_decisions",
        Put("policy_decisions", ("pd-plan-internal-1",), "effect", "maybe"),
        "allow, deny",
    ),
    (
        "contracts",
        Put("contracts", ("ct-acme-robotics",), "billing_interval", "day"),
        "week, month",
    ),
    ("price_plans", Put("price_plans", ("saas_pro",), "billing_interval", "2y"), "half_year, year"),
    # keys and references
    ("tenants", Add("tenants", "acme-robotics,A,custom,x,US,US-CO,internal,USD,true"), "unique"),
    (
        "plan_versions",
        Add("plan_versions", f"again,saas_pro,2,9999-12-31,9999-12-31,,,{TWO}"),
        "plan_id, version saas_pro, 2 is not unique",
    ),
    (
        "plan_lines",
        Put("plan_lines", ("saas_pro@1:leads",), "meter_id", "meter:ghosts"),
        "meter:ghosts, which is not in meters.csv",
    ),
    ("plan_lines", Put("plan_lines", ("saas_pro@1:leads",), "pack_id", "ghosts"), "packs.csv"),
    ("contract_packs", Add("contract_packs", "ct-ghost,revops"), "contracts.csv"),
    ("contracts", Put("contracts", ("ct-acme-robotics",), "tenant_id", "ghost"), "tenants.csv"),
    ("contracts", Put("contracts", ("ct-acme-robotics",), "plan_id", "ghost"), "price_plans.csv"),
    (
        "contracts",
        Put("contracts", ("ct-acme-robotics",), "issuing_entity_id", "ghost"),
        "issuing_entities.csv",
    ),
    (
        "contracts",
        Put("contracts", ("ct-acme-robotics",), "policy_decision_id", "ghost"),
        "policy_decisions.csv",
    ),
    ("exchange_rates", Add("exchange_rates", "XXX,2025-01-01,1"), "currencies.csv"),
    ("features", Put("features", ("lead_router",), "capability_id", "x"), "capabilities.csv"),
    ("meters", Put("meters", ("platform.api_calls",), "category", "platform|x"), "names x, which"),
    # ranges
    (
        "contracts",
        Put("contracts", ("ct-acme-robotics",), "end_date", "2025-01-01"),
        "is not after start_date",
    ),
    (
        "plan_versions",
        Put("plan_versions", ("saas_pro@2",), "effective_from_date", "2025-07-15"),
        "overlaps the range of saas_pro in row 4",
    ),
    (
        "plan_versions",
        Put("plan_versions", ("saas_pro@2",), "effective_from_date", "2025-07-17"),
        "leaves a gap of saas_pro from 2025-07-16 to 2025-07-17",
    ),
    (
        "tax_rates",
        Add("tax_rates", f"DE,business,,USt,0.16,,2025-01-01,2025-07-01,{TWO}"),
        "overlaps the range of DE, business, USt",
    ),
    (
        "cost_mapping_rules",
        Add(
            "cost_mapping_rules",
            "direct-tenant,2,30,,,,,,,tenant_id,,tag:tenant_id,,,,,,,infrastructure,,"
            f"2025-01-01,9999-12-31,{TWO}",
        ),
        "overlaps the range of direct-tenant",
    ),
    # tiers
    ("plan_line_tiers", Drop("plan_line_tiers", (*DECISIONS, "1")), "leave a gap: tier_number 1"),
    ("plan_line_tiers", Put("plan_line_tiers", (*DECISIONS, "2"), "up_to_quantity", "500"), "rise"),
    ("plan_line_tiers", Put("plan_line_tiers", (*DECISIONS, "2"), "up_to_quantity", ""), "open"),
    (
        "plan_line_tiers",
        Put("plan_line_tiers", (*DECISIONS, "3"), "up_to_quantity", "9000"),
        "the last of the tiers of saas_pro@1:decisions in EUR is not open",
    ),
    (
        "plan_line_tiers",
        Put("plan_line_tiers", ("saas_pro@1:leads", "EUR", "1"), "up_to_quantity", "9"),
        "is not open",
    ),
    # tiers of customers, SKUs
    ("tiers", Put("tiers", ("starter",), "users_limit", "-1"), "unlimited or custom"),
    ("tiers", Put("tiers", ("starter",), "users_limit", "many"), "unlimited or custom"),
    ("tiers", Put("tiers", ("starter",), "includes_tier_id", "basic"), "not in tiers.csv"),
    ("tiers", Put("tiers", ("starter",), "includes_tier_id", "custom"), "includes another one"),
    ("tier_features", Add("tier_features", "starter,basic_analytics,Again"), "unique"),
    ("tier_features", Add("tier_features", "basic,analytics,Analytics"), "not in tiers.csv"),
    ("skus", Put("skus", ("SKU-WL-01",), "price_change_policy", "never"), "grandfather"),
    ("skus", Put("skus", ("SKU-WL-01",), "sku_kind", "gift"), "edition, residency, pack"),
    ("skus", Put("skus", ("SKU-WL-01",), "plan_id", ""), "an edition needs a plan_id"),
    ("skus", Put("skus", ("SKU-WL-01",), "plan_id", "ghost"), "not in price_plans.csv"),
    ("skus", Put("skus", ("SKU-WL-01",), "plan_id", "saas_pro"), "is sold as SKU-SAAS-PRO"),
    ("skus", Put("skus", ("SKU-WL-01",), "pack_id", "revops"), "an edition has no pack_id"),
    ("skus", Put("skus", ("SKU-RES-EU",), "pack_id", ""), "a residency needs a pack_id"),
    ("skus", Put("skus", ("SKU-RES-EU",), "region", ""), "a residency needs a region"),
    ("skus", Put("skus", ("SKU-PACK-HRO",), "plan_id", "saas_pro"), "a pack has no plan_id"),
    # who may
    (
        "policy_decisions",
        Put("policy_decisions", ("pd-catalogue-founding",), "rule_id", "ghost"),
        "not in policy_rules.csv",
    ),
    (
        "policy_decisions",
        Put("policy_decisions", ("pd-catalogue-founding",), "actor_id", "ghost"),
        "not in policy_actors.csv",
    ),
    (
        "policy_decisions",
        Put("policy_decisions", ("pd-catalogue-founding",), "scope", "ever"),
        "one_act",
    ),
    ("policy_rules", Put("policy_rules", ("period.close",), "action", "dance"), "close_period"),
    ("policy_rules", Put("policy_rules", ("period.close",), "permitted_roles", ""), "nobody"),
    (
        "policy_rules",
        Put("policy_rules", ("period.close",), "permitted_roles", "finance|boss"),
        "names boss, a role that nobody has",
    ),
    (
        "policy_rules",
        Put("policy_rules", ("period.close",), "permitted_actors", "boss"),
        "names boss, which is not in policy_actors.csv",
    ),
    (
        "policy_rules",
        Put("policy_rules", ("credit.grant",), "permitted_roles", "finance"),
        "permits controller@summit alone",
    ),
    (
        "policy_rules",
        Put("policy_rules", ("credit.grant",), "second_approver_above_usd", "-1"),
        "zero or more",
    ),
    (
        "policy_rules",
        Add(
            "policy_rules",
            "period.close,close_period,finance,,,,2025-01-01,9999-12-31,2024-12-01T00:00:00Z",
        ),
        "overlaps the range of period.close, close_period",
    ),
    (
        "policy_actors",
        Add("policy_actors", "cfo@summit,finance_lead,2025-01-01,9999-12-31,2024-12-01T00:00:00Z"),
        "overlaps the range of cfo@summit, finance_lead",
    ),
    # lines, prices, decisions
    ("plan_lines", Put("plan_lines", ("saas_pro@1:graph",), "package_size", ""), "package_size"),
    ("plan_lines", Put("plan_lines", ("saas_pro@1:graph",), "package_size", "0"), "more than zero"),
    ("plan_lines", Put("plan_lines", ("saas_pro@1:leads",), "meter_id", ""), "needs a meter_id"),
    ("plan_lines", Put("plan_lines", ("saas_pro@1:base",), "meter_id", "platform.users"), "fee"),
    ("plan_lines", Put("plan_lines", ("saas_pro@1:base",), "charge_model", "volume"), "flat"),
    ("contracts", Put("contracts", ("ct-acme-robotics",), "currency_code", "JPY"), "no price in"),
    (
        "contracts",
        Put("contracts", ("ct-acme-robotics",), "start_date", "2024-12-31"),
        "plan saas_enterprise has no version",
    ),
    (
        "cost_mapping_rules",
        Put("cost_mapping_rules", ("shared-graph-db",), "allocation_rule_id", ""),
        "needs a tenant_id or an allocation_rule_id",
    ),
    (
        "cost_mapping_rules",
        Put("cost_mapping_rules", ("direct-graph-db",), "allocation_rule_id", "evenly"),
        "a tenant_id and an allocation_rule_id",
    ),
    (
        "cost_mapping_rules",
        Put("cost_mapping_rules", ("direct-graph-db",), "tenant_id", "ghost-co"),
        "ghost-co, which is not in tenants.csv",
    ),
    (
        "cost_mapping_rules",
        Put("cost_mapping_rules", ("direct-graph-db",), "cluster", "tag:"),
        "tag: and the key of the tag",
    ),
    (
        "cost_mapping_rules",
        Put("cost_mapping_rules", ("direct-graph-db",), "tag_key", ""),
        "needs a tag_key",
    ),
    (
        "cost_mapping_rules",
        Put("cost_mapping_rules", ("shared-graph-db",), "allocation_rule_id", "by-magic"),
        "by-magic, which is not in allocation_rules.csv",
    ),
    (
        "allocation_shares",
        Put("allocation_shares", ("by-feature-use", "1", "3"), "share_ratio", "0.3"),
        "the shares of by-feature-use version 1 exceed 1: 1.1",
    ),
    (
        "allocation_shares",
        Put("allocation_shares", ("by-feature-use", "1", "3"), "driver_meter_id", ""),
        "driver_meter_id goes with driver meter",
    ),
    (
        "allocation_shares",
        Put("allocation_shares", ("evenly", "1", "1"), "driver_meter_id", "platform.users"),
        "found driver even",
    ),
    (
        "allocation_shares",
        Put("allocation_shares", ("overhead-step-down", "1", "1"), "next_allocation_rule_id", ""),
        "next_allocation_rule_id goes with driver rule",
    ),
    (
        "allocation_shares",
        Put("allocation_shares", ("overhead-step-down", "1", "1"), "tenant_ids", "acme-robotics"),
        "has its own",
    ),
    (
        "allocation_shares",
        Put("allocation_shares", ("evenly", "1", "1"), "same_as", "cluster"),
        "same_as goes with driver direct_cost",
    ),
    (
        "allocation_shares",
        Put("allocation_shares", ("evenly", "1", "1"), "capacity_quantity", "5"),
        "capacity_quantity goes with driver meter",
    ),
    (
        "allocation_shares",
        Put(
            "allocation_shares",
            ("by-api-calls-of-the-day", "1", "1"),
            "driver_meter_id",
            "platform.users",
        ),
        "platform.users is read by the month, and cost is shared by the day",
    ),
    (
        "allocation_shares",
        Add("allocation_shares", "evenly,2,1,1,even,,,,,"),
        "no version 2 of it",
    ),
    (
        "allocation_shares",
        Add("allocation_shares", "by-support-load,1,3,0,rule,,overhead-step-down,,,"),
        "cost would come back to where it was",
    ),
    (
        "allocation_rules",
        Add("allocation_rules", f"nobody,1,month,unallocated,2025-01-01,9999-12-31,{TWO}"),
        "gives its cost to nobody",
    ),
    (
        "allocation_rules",
        Put("allocation_rules", ("evenly",), "driver_grain", "week"),
        "hour, day, month",
    ),
    (
        "cost_statement_rules",
        Add("cost_statement_rules", f"aws2,AWS,add,billing_month,2025-01-01,9999-12-31,{TWO}"),
        "overlaps the range of AWS",
    ),
    # how revenue is recognised
    (
        "revenue_policies",
        Put("revenue_policies", ("default",), "fee_convention", "weekly"),
        "daily, monthly, thirty_360",
    ),
    (
        "revenue_policies",
        Put("revenue_policies", ("default",), "one_time_over", "months"),
        "one_time_months goes with one_time_over months",
    ),
    (
        "standalone_prices",
        row_with("standalone_prices", standalone_amount="", group_code="g", group_amount="5"),
        "lacks its standalone_amount or the group_amount",
    ),
    (
        "standalone_prices",
        row_with("standalone_prices", group_amount="5"),
        "a group_amount without a group_code",
    ),
    (
        "standalone_prices",
        row_with("standalone_prices", standalone_amount="0"),
        "more than zero",
    ),
    (
        "credit_breakage",
        row_with("credit_breakage", breakage_ratio="1"),
        "nothing would ever be used",
    ),
    # skus of third parties
    (
        "third_party_skus",
        row_with("third_party_skus", service_name=""),
        "a sku without a service_name and a sku_id has no line of a statement",
    ),
    (
        "third_party_skus",
        row_with("third_party_skus", provider_name="Lumen Data", service_name="", sku_id="x"),
        "a line could be both lumen-enrich's and s's",
    ),
    (
        "third_party_skus",
        row_with("third_party_skus", hint_sku="lumen-enrich"),
        "overlaps the range of lumen-enrich",
    ),
    ("third_party_skus", row_with("third_party_skus", tolerance_ratio="1.1"), "from 0 to 1"),
    ("third_party_skus", row_with("third_party_skus", included_quantity="-1"), "zero or more"),
    # meters
    ("meters", meter("platform.users", "value_field", "quantity"), "needs value_field actor_id"),
    ("meters", meter("platform.components", "aggregation", "percentile"), "needs a percentile"),
    ("meters", meter("platform.components", "percentile", "0"), "more than 0, at most 100"),
    ("meters", meter("platform.storage_gb_month", "reading_window", "1d"), "window month"),
    ("meters", meter("platform.users", "reading_window", "1h"), "distinct counts are kept by day"),
    (
        "meters",
        meter("platform.api_calls", "effective_from_at", "2024-01-01T00:30:00Z"),
        "is not the start of a reading window of 1h",
    ),
    ("meters", meter("platform.api_calls", "metadata_filter", "region"), "reads key=value|value"),
    ("meters", meter("platform.api_calls", "unit_divisor", "0"), "whole number from 1"),
    ("meters", meter("platform.api_calls", "rounding_precision", "10"), "from -9 to 9"),
    ("meters", meter("platform.api_calls", "rounding_function", "up"), "round, ceil, floor"),
    ("meters", meter("platform.api_calls", "effective_to_at", "2024-01-01T00:00:00Z"), "not after"),
    # options of plan lines
    ("plan_lines", line(DEALS, package_rounding="near"), "one of up, down"),
    ("plan_lines", line(DEALS, flat_at_zero="no"), "one of charged, not_charged"),
    ("plan_lines", line(DEALS, volume_edge="smooth"), "one of accept, full_previous_tier"),
    ("plan_lines", line(DEALS, tiers_per="week"), "one of line, group, hour, day"),
    ("plan_lines", line(DEALS, split_rating="none"), "one of cumulative, each_part"),
    ("plan_lines", line(DEALS, unit_multiplier="0"), "whole number from 1"),
    ("plan_lines", line(DEALS, rounding_precision="1.5"), "from -9 to 9"),
    ("plan_lines", line(DEALS, free_quantity="-1"), "zero or more"),
    ("plan_lines", line(DEALS, plan_version_id="saas_pro@9"), "not in plan_versions.csv"),
    ("plan_lines", line(DEALS, amount_key="price"), "is of charge_model dynamic, found per_unit"),
    (
        "plan_lines",
        line("saas_pro@1:leads", tiers_per="hour"),
        "free_quantity is of the whole line",
    ),
    (
        "plan_lines",
        Both(KEEPS, line(DEALS, charge_model="basis_points", tiers_per="day")),
        "charge_model basis_points has no tiers that could be per day",
    ),
    # what plan lines ask of their meters
    ("plan_lines", line(DEALS, tiers_per="group"), "revops.deals_processed groups by nothing"),
    ("plan_lines", line(DEALS, charge_model="matrix"), "revops.deals_processed groups by nothing"),
    ("plan_lines", line("saas_pro@1:hro-evidence", tiers_per="day"), "is held over the month"),
    ("plan_lines", line("saas_pro@1:seats", tiers_per="hour"), "counted by day, so no tiers"),
    ("plan_lines", line(DEALS, charge_model="dynamic"), "prices events one by one"),
    (
        "plan_lines",
        Both(terms(fixed_amount_per_event="1"), line(DEALS, charge_model="percentage")),
        "prices events one by one",
    ),
    # prices
    ("plan_line_tiers", tier("up_to_quantity", "-5"), "more than zero"),
    ("plan_line_tiers", tier("block_size", "0"), "more than zero"),
    ("plan_line_tiers", tier("tier_number", "0"), "whole number from 1"),
    ("plan_line_tiers", tier("tier_number", "2"), "leave a gap: tier_number 1 is missing"),
    ("plan_line_tiers", tier("currency_code", "XXX"), "names XXX, which is not in currencies.csv"),
    ("plan_line_tiers", tier("plan_line_id", "ghost:deals"), "which is not in plan_lines.csv"),
    ("plan_line_tiers", tier("group_value", "eu"), "tiers_per group or charge_model matrix"),
    (
        "plan_line_tiers",
        Add("plan_line_tiers", "internal_edition@1:deals,USD,1,,0.5,0,,"),
        "is not unique: row",
    ),
    (
        "plan_line_tiers",
        Both(
            line("internal_edition@1:deals", charge_model="blocks_top_tier"),
            tier("unit_price", "0.5"),
        ),
        "charge_model blocks_top_tier needs a block_size",
    ),
    (
        "plan_line_tiers",
        Both(line("internal_edition@1:deals", charge_model="stairstep"), tier("unit_price", "0.5")),
        "a stairstep has flat amounts, and no unit_price",
    ),
    (
        "contracts",
        Both(
            Add("contract_packs", "ct-borealis-bank,residency_eu"),
            Both(
                Drop("plan_line_tiers", ("saas_enterprise@1:residency-eu", "USD")),
                seen_in("contracts", "ct-borealis-bank"),
            ),
        ),
        "no price in USD for saas_enterprise@1:residency-eu",
    ),
    # terms of plan lines
    ("plan_line_terms", terms(plan_line_id="ghost:deals"), "which is not in plan_lines.csv"),
    ("plan_line_terms", terms(currency_code="XXX"), "which is not in currencies.csv"),
    ("plan_line_terms", terms(minimum_amount="-1"), "minimum_amount is zero or more"),
    ("plan_line_terms", terms(free_event_count="-1"), "whole number from 0"),
    ("plan_line_terms", terms(commitment_window="week"), "one of segment, hour, day"),
    ("plan_line_terms", terms(overage_factor="0"), "more than zero"),
    ("plan_line_terms", terms(is_trued_up="yes"), "one of true, false"),
    ("plan_line_terms", terms(fair_use_policy="warn"), "one of block, overage, notify"),
    ("plan_line_terms", Both(terms(), terms()), "is not unique: row 2 has it too"),
    ("plan_line_terms", terms(currency_code="KWD"), "saas_pro@1:deals has no price in KWD"),
    ("plan_line_terms", terms(plan_line_id="saas_pro@1:base"), "and this is a fee"),
    ("plan_line_terms", terms(free_event_count="3"), "amounts per event are of percentage"),
    ("plan_line_terms", terms(minimum_amount="11"), "minimum_amount is more than maximum_amount"),
    (
        "plan_line_terms",
        Both(
            Both(KEEPS, line(DEALS, charge_model="percentage")),
            terms(minimum_amount_per_event="2", maximum_amount_per_event="1"),
        ),
        "minimum_amount_per_event is more than maximum_amount_per_event",
    ),
    (
        "plan_line_terms",
        terms(commitment_amount="100", commitment_quantity="10"),
        "a line commits to an amount or to a quantity",
    ),
    (
        "plan_line_terms",
        Both(Both(GROUPS, line(DEALS, tiers_per="group")), terms(commitment_quantity="10")),
        "has no price where each group has its own",
    ),
    (
        "plan_line_terms",
        terms(plan_line_id="saas_pro@1:workflows", commitment_quantity="10"),
        "a commitment_quantity is of charge_model per_unit, found volume",
    ),
    (
        "plan_line_terms",
        terms(commitment_amount="100", commitment_window="hour"),
        "commitment_window hour needs tiers_per hour",
    ),
    ("plan_line_terms", terms(fair_use_quantity="10"), "fair use has a quantity and a policy"),
    ("plan_line_terms", terms(fair_use_policy="block"), "fair use has a quantity and a policy"),
    (
        "plan_line_terms",
        terms(fair_use_quantity="10", fair_use_policy="overage"),
        "fair_use_policy overage needs a fair_use_unit_price",
    ),
    (
        "plan_line_terms",
        Both(line(DEALS, tiers_per="day"), terms(fair_use_quantity="10", fair_use_policy="notify")),
        "fair use is of the whole line",
    ),
    # versions of plans
    ("plan_versions", correction(rollout="never"), "grandfather, next_period, immediate_prorated"),
    ("plan_versions", correction(supersedes_plan_version_id="ghost"), "not in plan_versions.csv"),
    ("plan_versions", correction(effective_to_date="2027-01-01"), "has another plan or range"),
    ("plan_versions", correction(plan_id="white_label"), "has another plan or range"),
    ("plan_versions", correction(recorded_at="2025-06-01T00:00:00Z"), "was recorded later"),
    (
        "plan_versions",
        Both(Put("plan_versions", ("saas_pro@2",), "version", "5"), correction()),
        "whose version is not below its own",
    ),
    (
        "plan_versions",
        Both(CORRECTED_DEALS, correction()),
        "and only one has api, base, decisions, ",
    ),
    (
        "plan_versions",
        Both(correction(), correction(plan_version_id="saas_pro@4", version="4")),
        "row 7 supersedes the same version",
    ),
    (
        "plan_versions",
        Put("plan_versions", ("white_label@1",), "rollout", "next_period"),
        "rollout next_period breaks the price_change_policy grandfather of SKU-WL-01",
    ),
    (
        "plan_versions",
        Put("plan_versions", ("white_label@1",), "rollout", "immediate_prorated"),
        "rollout immediate_prorated breaks the price_change_policy grandfather of SKU-WL-01",
    ),
    (
        "plan_versions",
        Put("plan_versions", ("saas_enterprise@1",), "rollout", "immediate_prorated"),
        "rollout immediate_prorated breaks the price_change_policy next_period of SKU-SAAS-ENT",
    ),
    # discounts
    ("discounts", discount(contract_id="ct-ghost"), "which is not in contracts.csv"),
    ("discounts", discount(plan_version_id="ghost@1"), "which is not in plan_versions.csv"),
    ("discounts", discount(pack_id="ghosts"), "which is not in packs.csv"),
    ("discounts", discount(discount_ratio="1.1"), "from 0 to 1"),
    # what a contract states the quantity of
    ("contract_quantities", seats(), "line_code base is no fee per unit"),
    ("contract_quantities", seats(line_code="decisions"), "line_code decisions is no fee per unit"),
    ("contract_quantities", seats(quantity="2.5"), "whole number"),
    ("contract_quantities", seats(quantity="-1"), "whole number"),
    (
        "contract_quantities",
        Both(
            PER_SEAT,
            Both(seats(), seats(start_date="2026-02-01")),
        ),
        "overlaps",
    ),
    ("plan_lines", line("saas_pro@2:base", charge_model="volume"), "flat or per_unit"),
    (
        "plan_lines",
        line("saas_pro@2:base", line_kind="one_time", meter_id="platform.users"),
        "no meter_id",
    ),
    # when a contract is billed
    ("billing_terms", billing(contract_id="ct-ghost"), "which is not in contracts.csv"),
    ("billing_terms", billing(anchor="monday"), "calendar, anniversary"),
    ("billing_terms", billing(anchor_date="2026-01-31"), "an anchor_date is of anchor anniversary"),
    ("billing_terms", billing(fee_interval="decade"), "week, month, quarter, half_year, year"),
    ("billing_terms", billing(fee_timing="later"), "in_arrears, in_advance"),
    ("billing_terms", billing(proration="by_hour"), "by_day, by_second, none"),
    ("billing_terms", billing(split_rounding="up"), "cumulative, each_part"),
    ("billing_terms", billing(rounding_mode="down"), "half_away, half_even"),
    ("billing_terms", billing(time_zone="Mars/Olympus"), "is an IANA time zone"),
    ("billing_terms", billing(trial_end_date="soon"), "is a date YYYY-MM-DD"),
    ("billing_terms", billing(trial_end_date="2025-01-01"), "is not inside the contract"),
    ("billing_terms", billing(service_from_at="2026-01-01"), "is an instant"),
    (
        "billing_terms",
        billing(service_from_at="2026-01-02T00:00:00Z", service_to_at="2026-01-01T00:00:00Z"),
        "service_to_at is not after service_from_at",
    ),
    ("billing_terms", billing(auto_renew_months="0"), "whole number from 1 to 120"),
    ("billing_terms", billing(cancelled_date="2026-06-01"), "does not renew itself has no"),
    ("billing_terms", billing(end_date="2026-01-01"), "is not after start_date"),
    (
        "billing_terms",
        billing(start_date="2027-01-01"),
        "it is not in force on any day of contract ct-acme-robotics",
    ),
    ("billing_terms", Both(billing(), billing(start_date="2026-06-01")), "overlaps the range"),
    (
        "billing_terms",
        billing(fee_interval="week"),
        "fees by the week are of plan saas_enterprise, priced by month",
    ),
    (
        "contracts",
        Put("contracts", ("ct-acme-robotics",), "billing_interval", "week"),
        "fees by the week are of plan saas_enterprise, priced by month",
    ),
    (
        "commitments",
        Both(BY_WEEK, commitment()),
        "ct-acme-robotics is billed by week, and a commitment is of a month",
    ),
    (
        "commitments",
        Both(BY_WEEK, commitment(contract_id="", plan_version_id="saas_enterprise@1")),
        "saas_enterprise is billed by week, and a commitment is of a month",
    ),
    ("discounts", discount(sequence="0"), "whole number from 1"),
    ("discounts", Both(discount(), discount()), "discount_id d is not unique"),
    ("discounts", discount(end_date="2026-01-01"), "is not after start_date"),
    ("discounts", discount(contract_id="", line_code=""), "a discount names what it is on"),
    (
        "discounts",
        discount(line_code="ghosts"),
        "no line of plan_lines.csv is of contract_id ct-acme-robotics and line_code ghosts",
    ),
    ("discounts", discount(contract_id="", line_code="ghosts"), "is of line_code ghosts"),
    ("discounts", discount(pack_id="revops"), "line_code decisions and pack_id revops"),
    ("discounts", discount(plan_version_id="saas_pro@1"), "and plan_version_id saas_pro@1"),
    (
        "discounts",
        discount(start_date="2027-01-01"),
        "it is not in force on any day of contract ct-acme-robotics",
    ),
    # commitments over a contract
    ("commitments", commitment(amount="-1"), "amount is zero or more"),
    ("commitments", commitment(commitment_interval="year"), "one of month"),
    ("commitments", commitment(overage_factor="0"), "more than zero"),
    ("commitments", commitment(is_trued_up="no"), "one of true, false"),
    ("commitments", commitment(currency_code="XXX"), "which is not in currencies.csv"),
    ("commitments", commitment(end_date="2025-12-31"), "is not after start_date 2026-01-01"),
    ("commitments", commitment(contract_id=""), "of a contract or of a plan's version"),
    ("commitments", commitment(plan_version_id="saas_enterprise@1"), "or of a plan's version"),
    ("commitments", commitment(currency_code="EUR"), "is in USD, the commitment in EUR"),
    ("commitments", commitment(start_date="2027-01-01"), "not in force on any day of contract"),
    (
        "commitments",
        commitment(start_date="2024-01-01", end_date="2025-01-01"),
        "not in force on any day of contract ct-acme-robotics",
    ),
    # other terms, other plans and interim closes of a contract
    ("contract_overrides", override(plan_line_id="ghost:x"), "which is not in plan_lines.csv"),
    ("contract_overrides", override(end_date="2026-01-01"), "is not after start_date"),
    ("contract_overrides", Both(override(), override()), "is not unique: row 2 has it too"),
    (
        "contract_overrides",
        Both(override(), override(start_date="2026-06-01", end_date="2027-06-01")),
        "overlaps the range of ct-acme-robotics, decisions in row 2",
    ),
    (
        "contract_overrides",
        override(line_code="ghosts"),
        "line_code ghosts is of no line of the plan of contract ct-acme-robotics",
    ),
    (
        "contract_overrides",
        override(contract_id="ct-juniper-gov", line_code="residency-eu"),
        "line_code residency-eu is of no line of the plan of contract ct-juniper-gov",
    ),
    (
        "contract_overrides",
        override(plan_line_id="saas_pro@2:deals"),
        "saas_pro@2:deals is on another meter than decisions",
    ),
    (
        "contract_overrides",
        override(start_date="2028-01-01", end_date="2029-01-01"),
        "it is not in force on any day of contract ct-acme-robotics",
    ),
    (
        "contracts",
        Both(
            override(contract_id="ct-kestrel-media", plan_line_id="white_label@1:decisions"),
            seen_in("contracts", "ct-kestrel-media"),
        ),
        "no price in GBP for white_label@1:decisions",
    ),
    (
        "contract_plan_changes",
        row_with("contract_plan_changes", change_policy="grandfather"),
        "one of immediate_prorated, next_period",
    ),
    (
        "contract_plan_changes",
        row_with("contract_plan_changes", plan_id="ghost"),
        "which is not in price_plans.csv",
    ),
    (
        "contract_plan_changes",
        Both(
            row_with("contract_plan_changes"),
            row_with("contract_plan_changes", plan_id="white_label"),
        ),
        "contract_id, effective_date ct-acme-robotics, 2026-03-20 is not unique",
    ),
    (
        "contract_plan_changes",
        row_with("contract_plan_changes", effective_date="2025-01-01"),
        "effective_date 2025-01-01 is not inside the contract",
    ),
    (
        "contracts",
        Both(
            row_with(
                "contract_plan_changes", contract_id="ct-kestrel-media", plan_id="white_label"
            ),
            seen_in("contracts", "ct-kestrel-media"),
        ),
        "no price in GBP for white_label@1:",
    ),
    (
        "contracts",
        Both(
            Add("price_plans", "new,SKU-NEW,New,hosted_saas,month"),
            Both(
                row_with("contract_plan_changes", plan_id="new"),
                seen_in("contracts", "ct-acme-robotics"),
            ),
        ),
        "plan new has no version for a part of the contract",
    ),
    ("interim_closes", row_with("interim_closes", close_date="2026-3-10"), "is a date"),
    ("interim_closes", row_with("interim_closes", contract_id="ghost"), "not in contracts.csv"),
    (
        "interim_closes",
        Both(row_with("interim_closes"), row_with("interim_closes")),
        "is not unique: row 2 has it too",
    ),
    (
        "interim_closes",
        row_with("interim_closes", close_date="2027-01-01"),
        "close_date 2027-01-01 is not inside the contract",
    ),
    # parties of documents
    (
        "invoice_parties",
        Put("invoice_parties", ("tenant", "cobalt-health"), "locale", "xx_QQ"),
        "locale is no known locale, found xx_QQ",
    ),
    (
        "invoice_parties",
        Put("invoice_parties", ("issuing_entity", "summit-eu"), "iban", "NL91ABNA0417164301"),
        "iban is not an IBAN, found NL91ABNA0417164301",
    ),
    (
        "invoice_parties",
        Put("invoice_parties", ("issuing_entity", "summit-eu"), "iban", "12345"),
        "iban is not an IBAN, found 12345",
    ),
    # grants of units
    # coupons
    ("coupons", Both(coupon(), coupon()), "coupon_id k is not unique"),
    ("coupons", coupon(contract_id="ct-ghost"), "ct-ghost, which is not in contracts.csv"),
    ("coupons", coupon(scope="metric"), "one of line, plan, all"),
    ("coupons", coupon(coupon_ratio="1.1"), "from 0 to 1"),
    ("coupons", coupon(coupon_ratio=""), "is of a fixed_amount or of a coupon_ratio"),
    ("coupons", fixed(coupon_ratio="0.1"), "is of a fixed_amount or of a coupon_ratio"),
    ("coupons", fixed(fixed_amount="0"), "more than zero"),
    ("coupons", fixed(fixed_amount="0.001"), "is no whole number of minor units of USD"),
    ("coupons", fixed(currency_code=""), "a fixed_amount has a currency_code"),
    ("coupons", coupon(currency_code="USD"), "and a coupon_ratio has none"),
    ("coupons", fixed(currency_code="EUR"), "the contract is in USD, the coupon in EUR"),
    ("coupons", coupon(line_codes=""), "has line_codes if its scope is line"),
    ("coupons", fixed(line_codes="deals"), "has line_codes if its scope is line"),
    ("coupons", coupon(line_codes="deals|ghosts"), "names ghosts, which no plan"),
    ("coupons", coupon(pack_id="revops"), "only a coupon with scope plan has a pack_id"),
    ("coupons", fixed(scope="plan", pack_id="ghosts"), "which is not in packs.csv"),
    ("coupons", coupon(duration_period_count="0"), "whole number from 1"),
    ("coupons", coupon(end_date="2026-01-01"), "is not after start_date"),
    ("coupons", coupon(start_date="1999-01-01", end_date="2000-01-01"), "not in force on any day"),
    # taxes
    ("tax_rates", Put("tax_rates", ("DE",), "tax_treatment", "waived"), "one of standard"),
    ("tax_rates", Put("tax_rates", ("DE",), "tax_treatment", "exempt"), "charges no tax"),
    ("tax_terms", taxed(contract_id="ct-ghost"), "ct-ghost, which is not in contracts.csv"),
    ("tax_terms", Both(taxed(), taxed()), "contract_id ct-acme-robotics is not unique"),
    ("tax_terms", taxed(tax_rounding="per_day"), "one of per_invoice, per_line, each_tax"),
    ("tax_terms", taxed(prices_include_tax="yes"), "one of true, false"),
    ("tax_terms", taxed(prices_include_tax="true"), "prices that include tax are paid with it"),
    ("tax_terms", taxed(wallet_timing="never"), "one of after_tax, before_tax"),
    # grants of money
    ("credit_grants", Both(credit(), credit()), "grant_id w is not unique"),
    ("credit_grants", credit(amount="0"), "more than zero"),
    ("credit_grants", credit(amount="0.001"), "is no whole number of minor units of USD"),
    ("credit_grants", credit(currency_code="EUR"), "the contract is in USD, the credit in EUR"),
    ("credit_grants", credit(contract_id=""), "to a tenant or to one of its contracts"),
    ("credit_grants", credit(tenant_id="acme-robotics"), "to a tenant or to one of its contracts"),
    ("credit_grants", credit(grant_kind="gift"), "granted, purchased"),
    ("credit_grants", credit(line_types="fee|tax"), "is not one of fee, usage"),
    ("credit_grants", credit(expires_at="2026-03-01T00:00:00Z"), "is not after effective_at"),
    (
        "credit_grants",
        credit(effective_at="1999-01-01T00:00:00Z", expires_at="2000-01-01T00:00:00Z"),
        "expires before contract ct-acme-robotics begins",
    ),
    ("unit_grants", Both(unit_grant(), unit_grant()), "grant_id g is not unique"),
    ("unit_grants", unit_grant(expires_at="2026-03-01T00:00:00Z"), "is not after effective_at"),
    ("unit_grants", unit_grant(meter_ids="ghosts"), "names ghosts, which is not in meters.csv"),
    ("unit_grants", unit_grant(pack_ids="revops|ghosts"), "names ghosts, which is not in packs"),
    ("unit_grants", unit_grant(contract_id="ct-ghost"), "ct-ghost, which is not in contracts.csv"),
    ("unit_grants", unit_grant(grant_kind="gift"), "granted, purchased"),
    ("unit_grants", unit_grant(quantity="0"), "more than zero"),
    ("unit_grants", unit_grant(priority="-1"), "whole number"),
    ("unit_grants", unit_grant(recurrence="week"), "none, day, month"),
    (
        "unit_grants",
        unit_grant(recurrence="month", rollover_limit_quantity="-1"),
        "rollover_limit_quantity is zero or more",
    ),
    ("unit_grants", unit_grant(rollover_limit_quantity="5"), "has nothing to roll over"),
    ("unit_grants", unit_grant(effective_at="2026-03-01T00:30:00Z"), "are full hours"),
    ("unit_grants", unit_grant(meter_ids="revops.active_seats"), "does not add up hour by hour"),
    (
        "unit_grants",
        unit_grant(effective_at="2027-01-01T00:00:00Z", expires_at="9999-12-31T00:00:00Z"),
        "is not in force on any day of contract ct-acme-robotics",
    ),
    # pools of a family
    ("tenant_families", row_with("tenant_families", tenant_id="ghost"), "not in tenants.csv"),
    (
        "tenant_families",
        Both(row_with("tenant_families"), row_with("tenant_families", family_id="other")),
        "overlaps the range of acme-robotics in row 2",
    ),
    (
        "tenant_families",
        row_with("tenant_families", effective_to_date="2026-01-01"),
        "is not after effective_from_date",
    ),
    ("plan_lines", Put("plan_lines", ("saas_pro@1:leads",), "pooled_over", "friends"), "family"),
    (
        "plan_lines",
        Put("plan_lines", ("saas_pro@1:leads",), "pooled_over", "family"),
        "a line pooled over a family is graduated, volume, package",
    ),
    # volume rebates
    ("volume_rebates", rebate(contract_id="ct-ghost"), "which is not in contracts.csv"),
    ("volume_rebates", Both(rebate(), rebate()), "rebate_id, tier_number r, 1 is not unique"),
    ("volume_rebates", rebate(line_code="ghosts"), "line_code ghosts is no usage line"),
    ("volume_rebates", rebate(line_code="base"), "line_code base is no usage line"),
    ("volume_rebates", rebate(currency_code="EUR"), "contract ct-acme-robotics is in USD"),
    ("volume_rebates", rebate(tier_number="2"), "tier_number 1 is missing"),
    ("volume_rebates", rebate(start_date="2026-01-02"), "first day of a month"),
    ("volume_rebates", rebate(end_date="2026-01-01"), "is not after start_date"),
    ("volume_rebates", rebate(unit_price="-1"), "zero or more"),
    ("volume_rebates", Both(rebate(), rebate(tier_number="2")), "does not rise"),
    (
        "volume_rebates",
        Both(rebate(), rebate(tier_number="2", above_quantity="200", end_date="2026-06-01")),
        "the tiers of r differ in one of contract_id",
    ),
    (
        "volume_rebates",
        Both(rebate(), rebate(rebate_id="s", start_date="2026-12-01")),
        "overlaps the range of ct-acme-robotics, deals, 1",
    ),
    # commitments by time of day
    ("time_of_day_commitments", Both(by_hour(), by_hour()), "commitment_id k is not unique"),
    ("time_of_day_commitments", by_hour(contract_id="ct-ghost"), "not in contracts.csv"),
    ("time_of_day_commitments", by_hour(time_zone="Mars/Olympus"), "is an IANA time zone"),
    ("time_of_day_commitments", by_hour(weekdays="mon|xyz"), "mon, tue, wed, thu, fri, sat, sun"),
    ("time_of_day_commitments", by_hour(from_hour="24"), "whole number from 0 to 23"),
    ("time_of_day_commitments", by_hour(to_hour="25"), "whole number from 1 to 24"),
    ("time_of_day_commitments", by_hour(line_code="seats"), "with a meter that sums or counts"),
    ("time_of_day_commitments", by_hour(line_code="base"), "with a meter that sums or counts"),
    ("time_of_day_commitments", by_hour(committed_amount="5"), "or to a committed_amount"),
    ("time_of_day_commitments", by_hour(committed_quantity=""), "or to a committed_amount"),
    ("time_of_day_commitments", by_hour(end_date="2026-01-01"), "is not after start_date"),
]


def test_the_default_catalogue_has_no_findings(project_root: Path) -> None:
    assert check(project_root / "seeds") == []


@pytest.mark.parametrize(("name", "deed", "rule"), BREAKS, ids=lambda case: str(case)[:80])
def test_a_bad_row_is_named_with_its_file_row_and_rule(
    seeds: Path, name: str, deed: Callable[[Path], int], rule: str
) -> None:
    row = deed(seeds)
    findings = check(seeds)
    assert [(finding.file, finding.row) for finding in findings] == [(f"{name}.csv", row)]
    assert rule in findings[0].rule
    assert findings[0].remedy


def test_every_file_of_the_catalogue_has_a_table_with_its_columns(project_root: Path) -> None:
    folder = project_root / "seeds" / "catalogue"
    found = {path.stem: read(folder, path.stem)[0] for path in folder.glob("*.csv")}
    assert found == {name: list(table.columns) for name, table in TABLES.items()}


def test_a_price_or_contract_that_no_decision_allows_is_told_and_does_not_stop(seeds: Path) -> None:
    Put("policy_decisions", ("pd-plan-saas-pro-2",), "effect", "deny")(seeds)
    Put("contracts", ("ct-acme-robotics",), "policy_decision_id", "")(seeds)
    Put("contracts", ("ct-dune-energy",), "policy_decision_id", "pd-somewhere")(seeds)
    assert [(finding.file, finding.row, finding.stops) for finding in check(seeds)] == [
        ("contracts.csv", row_of(seeds, "contracts", "ct-acme-robotics"), False),
        ("contracts.csv", row_of(seeds, "contracts", "ct-dune-energy"), False),
        ("plan_versions.csv", row_of(seeds, "plan_versions", "saas_pro@2"), False),
    ]
    rules = [finding.rule for finding in check(seeds, frozenset({"pd-somewhere"}))]
    assert len(rules) == 2
    assert "policy_decision_id is empty" in rules[0]
    assert "pd-plan-saas-pro-2 does not have effect allow" in rules[1]


def test_a_tax_or_cost_rule_that_is_denied_stops_the_build(seeds: Path) -> None:
    Put("policy_decisions", ("pd-catalogue-founding",), "effect", "deny")(seeds)
    findings = check(seeds)
    assert {finding.file for finding in findings} == {
        "allocation_rules.csv",
        "budgets.csv",
        "cost_mapping_rules.csv",
        "cost_statement_rules.csv",
        "revenue_policies.csv",
        "tax_rates.csv",
        "third_party_skus.csv",
        "unit_cost_targets.csv",
    }
    assert all(finding.stops for finding in findings)


def test_cost_is_handed_on_four_times_at_the_most(seeds: Path) -> None:
    rows = read(seeds, "allocation_rules")
    founding = "month,unallocated,2024-01-01,9999-12-31,2024-12-01T00:00:00Z,pd-catalogue-founding"
    steps = [f"step-{number}" for number in range(6)]
    write(
        seeds,
        "allocation_rules",
        [*rows, *([step, "1", *founding.split(",")] for step in steps)],
    )
    shares = read(seeds, "allocation_shares")
    handed = [
        [step, "1", "1", "1", "rule", "", following, "", "", ""]
        for step, following in itertools.pairwise(steps)
    ]
    last = [steps[-1], "1", "1", "1", "even", "", "", "", "", ""]
    write(seeds, "allocation_shares", [*shares, *handed, last])
    (finding,) = check(seeds)
    assert (finding.file, finding.row) == ("allocation_shares.csv", len(shares) + 5)
    assert "more than 4 times: step-0 to step-1 to step-2 to step-3 to step-4 to step-5" in str(
        finding
    )
    write(seeds, "allocation_shares", [*shares, *handed[1:], last, ["step-0", *last[1:]]])
    assert check(seeds) == []


def test_what_only_describes_does_not_stop_a_catalogue_without_it(seeds: Path) -> None:
    rows = read(seeds, "tier_features")
    write(seeds, "tier_features", [*rows, ["gone", "x", "X"]])
    assert [finding.stops for finding in check(seeds)] == [False]


def test_a_budget_of_what_is_not_there_is_told_and_does_not_stop(seeds: Path) -> None:
    Add("budgets", "cogs,gone,,2026-01-01,1,2026-01-01T00:00:00Z,pd-gone")(seeds)
    findings = check(seeds)
    assert [finding.stops for finding in findings] == [False, False]
    assert [finding.rule.split(",")[0] for finding in findings] == [
        "policy_decision_id names pd-gone",
        "tenant_id names gone",
    ]


def test_what_is_agreed_after_the_end_of_a_contract_needs_one_that_renews_itself(
    seeds: Path,
) -> None:
    discount(start_date="2027-02-01")(seeds)
    assert [finding.file for finding in check(seeds)] == ["discounts.csv"]
    billing(auto_renew_months="12")(seeds)
    assert check(seeds) == []


def test_a_good_row_of_each_file_has_no_findings(seeds: Path) -> None:
    PER_SEAT(seeds)
    for name in ROWS:
        row_with(name)(seeds)
    assert check(seeds) == []


@pytest.mark.parametrize("name", sorted(ROWS.keys() - {"plan_line_terms"}))
def test_what_is_granted_or_agreed_needs_a_decision_that_allows_it(seeds: Path, name: str) -> None:
    PER_SEAT(seeds)
    row = row_with(name, policy_decision_id="pd-ct-kestrel-media")(seeds)
    assert check(seeds) == []
    Put("policy_decisions", ("pd-ct-kestrel-media",), "effect", "deny")(seeds)
    (finding,) = (finding for finding in check(seeds) if finding.file == f"{name}.csv")
    assert finding.row == row
    assert finding.rule == "policy_decision_id pd-ct-kestrel-media does not have effect allow"


@pytest.mark.parametrize("role", ["tax_payable", "operating_overhead"])
def test_every_posting_has_an_account(seeds: Path, role: str) -> None:
    rows = read(seeds, "chart_of_accounts")
    write(seeds, "chart_of_accounts", [row for row in rows if role not in row])
    (finding,) = check(seeds)
    assert (
        str(finding) == f"chart_of_accounts.csv row 1: no account has posting_role {role}. Add one."
    )


def test_no_monitor_is_off_in_silence_unless_nothing_is_watched(seeds: Path) -> None:
    rows = read(seeds, "quality_monitors")
    write(seeds, "quality_monitors", [row for row in rows if row[0] != "not_sent"])
    (finding,) = check(seeds)
    told = "quality_monitors.csv row 1: monitor not_sent has no row. Add one;"
    assert str(finding).startswith(told)
    write(seeds, "quality_monitors", rows[:1])
    assert check(seeds) == []


@pytest.mark.parametrize("rollout", ["", "grandfather"])
def test_a_version_may_reach_contracts_later_than_the_sku_promises(
    seeds: Path, rollout: str
) -> None:
    for version in ("white_label@1", "saas_enterprise@1", "saas_pro@2"):
        Put("plan_versions", (version,), "rollout", rollout)(seeds)
    assert check(seeds) == []


def test_taxes_of_other_names_and_categories_apply_side_by_side(seeds: Path) -> None:
    for row in ("DE,business,,Levy,0.01,", "DE,business,books,USt,0.07,standard"):
        Add("tax_rates", f"{row},2024-01-01,9999-12-31,{TWO}")(seeds)
    assert check(seeds) == []


def test_contracts_of_a_tenant_share_the_timing_of_its_wallet(seeds: Path) -> None:
    other = read(seeds, "contracts")[row_of(seeds, "contracts", "ct-acme-robotics") - 1]
    write(seeds, "contracts", [*read(seeds, "contracts"), ["ct-acme-second", *other[1:]]])
    row = taxed()(seeds)
    (finding,) = (finding for finding in check(seeds) if finding.file == "tax_terms.csv")
    assert (finding.row, finding.stops) == (row, True)
    assert "contracts of tenant acme-robotics differ in wallet_timing" in finding.rule


def test_promises_are_kept_though_skus_of_other_plans_are_not_there(seeds: Path) -> None:
    """A catalogue of one's own has few of the plans that the default skus.csv describes."""
    Put("skus", ("SKU-INT-01",), "plan_id", "gone")(seeds)
    Put("plan_versions", ("white_label@1",), "rollout", "next_period")(seeds)
    assert [(finding.file, finding.stops) for finding in check(seeds)] == [
        ("plan_versions.csv", True),
        ("skus.csv", False),
    ]


def test_a_discount_is_on_the_lines_of_all_plans_that_a_contract_has(seeds: Path) -> None:
    discount(contract_id="ct-juniper-gov", plan_version_id="saas_enterprise@1")(seeds)
    change = {"contract_id": "ct-juniper-gov", "plan_id": "saas_enterprise"}
    assert len(check(seeds)) == 1
    row_with("contract_plan_changes", **change)(seeds)
    assert check(seeds) == []


@pytest.mark.parametrize("model", ["per_unit", "package", "flat"])
def test_a_charge_model_without_tiers_takes_one_tier_a_currency(seeds: Path, model: str) -> None:
    Put("plan_lines", ("saas_pro@1:decisions",), "package_size", "10")(seeds)
    Put("plan_lines", ("saas_pro@1:decisions",), "charge_model", model)(seeds)
    currencies = {row[1] for row in read(seeds, "plan_line_tiers") if row[0] == DECISIONS[0]}
    findings = check(seeds)
    assert len(findings) == len(currencies)
    assert all(f"{model} takes one tier" in finding.rule for finding in findings)


def test_contracts_of_one_tenant_may_overlap(seeds: Path) -> None:
    rows = read(seeds, "contracts")
    again = ["ct-acme-again", *rows[row_of(seeds, "contracts", "ct-acme-robotics") - 1][1:]]
    write(seeds, "contracts", [*rows, again])
    assert check(seeds) == []


def test_a_superseded_version_needs_no_price_in_a_later_contracts_currency(seeds: Path) -> None:
    rows = read(seeds, "plan_line_tiers")
    kept = [row for row in rows if not (row[0].startswith("saas_pro@1:") and row[1] == "GBP")]
    write(seeds, "plan_line_tiers", kept)
    starts = ("ct-glacier-labs", "ct-kestrel-media")
    assert [finding.row for finding in check(seeds)] == [
        row_of(seeds, "contracts", contract) for contract in starts
    ]
    for contract in starts:
        Put("contracts", (contract,), "start_date", "2025-07-16")(seeds)
    assert check(seeds) == []


def test_contract_lines_without_a_price_are_one_finding_that_names_some(seeds: Path) -> None:
    Put("contracts", ("ct-acme-robotics",), "currency_code", "JPY")(seeds)
    (finding,) = check(seeds)
    assert finding.rule.startswith("no price in JPY for saas_enterprise@1:")
    assert finding.rule.endswith(" more")


@pytest.mark.parametrize("column", ["pack_id", "extra"])
def test_missing_and_extra_columns_are_found_in_row_1(seeds: Path, column: str) -> None:
    rows = read(seeds, "packs")
    changed = {"extra": [[*row, "x"] for row in rows], "pack_id": [row[1:] for row in rows]}
    write(seeds, "packs", changed[column])
    (finding,) = check(seeds)
    assert (finding.file, finding.row) == ("packs.csv", 1)
    assert "the columns are pack_id,pack_name" in finding.rule


def test_a_missing_file_is_found(seeds: Path) -> None:
    (seeds / "meters.csv").unlink()
    assert [str(finding) for finding in check(seeds)] == [
        "meters.csv row 1: the file is missing. Restore it."
    ]


@pytest.mark.parametrize("name", sorted(TABLES))
def test_no_rows_windows_line_ends_and_a_byte_order_mark_are_read(seeds: Path, name: str) -> None:
    path = seeds / f"{name}.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert check(seeds) == []
    for other in TABLES:
        write(seeds, other, read(seeds, other)[:1])
    assert check(seeds) == []


def test_revenue_needs_a_policy_where_no_other_holds(seeds: Path) -> None:
    Put("revenue_policies", ("default",), "contract_id", "ct-acme-robotics")(seeds)
    (finding,) = check(seeds)
    assert str(finding).startswith("revenue_policies.csv row 1: no policy holds where no other")


def test_text_that_is_not_utf_8_is_found(seeds: Path) -> None:
    (seeds / "packs.csv").write_bytes(b"pack_id,pack_name\nrevops,Caf\xe9\n")
    (finding,) = check(seeds)
    assert (finding.file, "UTF-8" in finding.rule) == ("packs.csv", True)


def test_rows_are_numbered_as_an_editor_shows_them(seeds: Path) -> None:
    text = 'capability_id,capability_name\npolicy,"two\nlines"\n\nworkflow, W\n'
    (seeds / "capabilities.csv").write_text(text)
    rows = [finding.row for finding in check(seeds) if finding.file == "capabilities.csv"]
    assert rows == [5]


def test_a_quote_that_is_not_closed_is_found(seeds: Path) -> None:
    (seeds / "packs.csv").write_text('pack_id,pack_name\nrevops,"Rev\n')
    (finding,) = check(seeds)
    assert "not a CSV row" in finding.rule


def test_a_finding_reads_as_file_row_rule_and_remedy() -> None:
    finding = Finding("plan_versions.csv", 4, "version is empty", "fill it in")
    assert str(finding) == "plan_versions.csv row 4: version is empty. Fill it in."


@given(
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15).map(
        lambda number: format(number, "f")
    )
)
@example("9999999.999999999")
@example("0009999999.9999999990000")
@example("10000000")
@example("0.0000000001")
def test_a_decimal_fits_exactly_where_its_column_stores_it_unchanged(text: str) -> None:
    number = Decimal(text)
    with localcontext(prec=200):
        stored = number.quantize(Decimal("1e-9"))
        is_kept = stored == number and abs(stored) < 10**7
    assert fits(text, 16, 9) == is_kept


@given(st.text(alphabet="0123456789.eE+-_ ٣,", max_size=8))
def test_only_plain_decimals_fit(text: str) -> None:
    if fits(text, 16, 9):
        assert set(text) <= set("0123456789.+-")
        assert Decimal(text).is_finite()


Lay = Callable[[Path | None], Path]


@pytest.fixture
def lay(project_root: Path, tmp_path: Path) -> Lay:
    return lambda overlay: lay_over(project_root / "seeds", overlay, tmp_path / "work")


@pytest.fixture
def overlay(tmp_path: Path) -> Path:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "packs.csv").write_text("pack_id,pack_name\nmine,Mine\n")
    return folder


def test_without_a_users_catalogue_the_default_one_is_built(
    lay: Lay, project_root: Path, tmp_path: Path
) -> None:
    assert lay(None) == project_root / "seeds"
    assert not (tmp_path / "work").exists()


def test_a_users_file_stands_in_for_the_default_one_wherever_it_lies(
    lay: Lay,
    project_root: Path,
    overlay: Path,
) -> None:
    (overlay / "catalogue").mkdir()
    (overlay / "catalogue" / "capabilities.csv").write_text("capability_id,capability_name\n")
    seeds = lay(overlay)
    laid = {
        path.relative_to(seeds): path.read_bytes() for path in seeds.rglob("*") if path.is_file()
    }
    folder = project_root / "seeds"
    expected = {
        path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }
    expected[Path("catalogue/packs.csv")] = b"pack_id,pack_name\nmine,Mine\n"
    expected[Path("catalogue/capabilities.csv")] = b"capability_id,capability_name\n"
    assert laid == expected


def test_laying_over_again_takes_what_changed_and_drops_what_is_gone(
    lay: Lay,
    project_root: Path,
    overlay: Path,
) -> None:
    seeds = lay(overlay)
    (seeds / "catalogue" / "stale.csv").write_text("left over")
    (overlay / "packs.csv").unlink()
    assert lay(overlay) == seeds
    default = project_root / "seeds" / "catalogue" / "packs.csv"
    assert (seeds / "catalogue" / "packs.csv").read_bytes() == default.read_bytes()
    assert not (seeds / "catalogue" / "stale.csv").exists()


def test_each_catalogue_folder_has_its_own_copies(lay: Lay, overlay: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(overlay, tmp_path / "other"))
    assert lay(overlay) != lay(other)


def test_the_users_files_are_never_written(
    lay: Lay,
    overlay: Path,
) -> None:
    path = overlay / "packs.csv"
    before = (path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_ino)
    for _ in range(2):
        lay(overlay)
    assert (path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_ino) == before
    assert sorted(overlay.iterdir()) == [path]


@pytest.mark.parametrize(
    ("name", "text", "rule"),
    [
        ("pack.csv", "pack_id,pack_name\n", "no file of this name"),
        ("packs.CSV", "pack_id,pack_name\n", "no file of this name"),
        ("packs.xlsx", "", "no file of this name"),
        ("tiers.csv", "tier_id\nx\n", "missing tier_name, includes_tier_id, users_limit"),
        ("tenants.csv", "", "missing tenant_id"),
        ("capabilities.csv", "capability_id,capability_name,colour\n", "not known colour"),
        ("capabilities.csv", "capability_id,capability_name,capability_id\n", "not known"),
        ("again/packs.csv", "pack_id,pack_name\n", "another file of this name"),
    ],
)
def test_a_file_that_is_not_part_of_the_catalogue_is_refused_by_name(
    lay: Lay, overlay: Path, name: str, text: str, rule: str
) -> None:
    path = overlay / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    with pytest.raises(MeterhouseError, match=rule) as refusal:
        lay(overlay)
    assert Path(name).name in refusal.value.subject
    assert refusal.value.remedy


def test_notes_and_hidden_files_may_lie_in_a_catalogue(
    lay: Lay,
    overlay: Path,
) -> None:
    for name in ("README.md", ".hidden", "_catalogue.yml"):
        (overlay / name).write_text("note")
    seeds = lay(overlay)
    assert "note" not in (seeds / "catalogue" / "_catalogue.yml").read_text()


def test_a_catalogue_folder_that_does_not_exist_is_refused(lay: Lay, tmp_path: Path) -> None:
    with pytest.raises(MeterhouseError, match="does not exist"):
        lay(tmp_path / "nowhere")
