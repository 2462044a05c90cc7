"""Rows of a plan with a base fee, as all families have them."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from tests.conformance.names import DATES, PACK, RECORDED
from tests.conformance.scene import Tier


def bare_plan(plan: str, interval: str) -> dict[str, list[Mapping[str, Any]]]:
    rows: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    rows["price_plans"].append(
        {
            "plan_id": plan,
            "sku": plan,
            "plan_name": plan,
            "edition": "hosted_saas",
            "billing_interval": interval,
        }
    )
    rows["plan_versions"].append(
        {"plan_version_id": f"{plan}@1", "plan_id": plan, "version": 1, **DATES, **RECORDED}
    )
    return rows


def add_fee(
    rows: dict[str, list[Mapping[str, Any]]],
    plan: str,
    charge_model: str,
    currency_code: str,
    fee: Tier,
) -> None:
    line_id = f"{plan}@1:base"
    rows["plan_lines"].append(
        {
            "plan_line_id": line_id,
            "plan_version_id": f"{plan}@1",
            "line_kind": "fee",
            "pack_id": PACK,
            "charge_model": charge_model,
            "environments": "production",
        }
    )
    rows["plan_line_tiers"].append(tier_row(line_id, currency_code, 1, fee))


def tier_row(line_id: str, currency_code: str, number: int, tier: Tier) -> Mapping[str, Any]:
    row = {
        "plan_line_id": line_id,
        "currency_code": currency_code,
        "tier_number": number,
        "up_to_quantity": "" if tier.up_to is None else f"{tier.up_to:f}",
        "unit_price": f"{tier.unit_price:f}",
        "flat_amount": f"{tier.flat_amount:f}",
    }
    return row if tier.block_size is None else {**row, "block_size": f"{tier.block_size:f}"}
