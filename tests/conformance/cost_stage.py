"""Cost of scenes as rows: a statement that all of them share, and whose cost it is.

Each scene has a provider, allocation rules and mapping rules of its own.
"""

import csv
import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.conformance.names import (
    DATES,
    PACK,
    RECORDED,
    allocation_rule_of,
    meter_of,
    provider_of,
    tenant_of,
)
from tests.conformance.scene import Charge, Cost, Rows, Scene, Share

DEFAULTS: Mapping[str, str] = {
    "BillingCurrency": "USD",
    "ChargeCategory": "Usage",
    "ServiceCategory": "Compute",
}
"""FOCUS columns of a charge that does not say otherwise."""


def tenant_ids(name: str, cost: Cost) -> list[str]:
    """The tenants of a scene, whose ids are in the order in which the case names them."""
    return [tenant_of(name, place) for place in range(1, len(cost.tenants) + 1)]


def tenant_id(name: str, cost: Cost | None, tenant: str) -> str:
    """The id of one that shares a scene's cost; of the scene's own where none is named."""
    return tenant_of(name, cost.tenants.index(tenant) + 1 if cost and tenant else 0)


def rows(name: str, cost: Cost) -> Rows:
    """Rows of the catalogue: whose cost is, and how it is shared."""
    allocation_rules = [
        {
            "allocation_rule_id": allocation_rule_of(name, rule),
            "rule_version": 1,
            "driver_grain": cost.grain,
            "zero_driver": "unallocated",
            **DATES,
            **RECORDED,
        }
        for rule in cost.rules
    ]
    shares = [
        _share(name, cost, rule, number, share)
        for rule, found in cost.rules.items()
        for number, share in enumerate(found, start=1)
    ]
    capability: Mapping[str, Any] = {}
    if cost.target_unit_cost is not None:
        capability = {"capability_id": tenant_of(name), "pack_id": PACK}
    direct = {"tag_key": "tenant_id", "tenant_id": "tag:tenant_id", **capability}
    mapping_rules = [
        _mapping(name, "direct", direct),
        *(
            _mapping(
                name,
                f"service-{service}",
                {
                    "service_name": service,
                    "allocation_rule_id": allocation_rule_of(name, rule),
                    **cost.mapped.get(service, {}),
                },
            )
            for service, rule in cost.services.items()
        ),
    ]
    return {
        "allocation_rules": allocation_rules,
        "allocation_shares": shares,
        "cost_mapping_rules": mapping_rules,
        **(_unit_target(name, cost.target_unit_cost) if capability else {}),
    }


def _unit_target(name: str, target: Decimal | None) -> Rows:
    """A capability, and what a unit of the scene's meter is to cost of it."""
    capability = tenant_of(name)
    row = {
        "meter_id": meter_of(name),
        "pack_id": PACK,
        "capability_ids": capability,
        "target_unit_cost_usd": f"{target or 0:f}",
        "regression_ratio": "0.1",
        **DATES,
        **RECORDED,
    }
    return {
        "capabilities": [{"capability_id": capability, "capability_name": capability}],
        "unit_cost_targets": [row],
    }


def _share(name: str, cost: Cost, rule: str, number: int, share: Share) -> Mapping[str, Any]:
    tenants = [tenant_id(name, cost, tenant) for tenant in share.tenants]
    is_direct = share.driver == "direct_cost"
    return {
        "allocation_rule_id": allocation_rule_of(name, rule),
        "rule_version": 1,
        "share_number": number,
        "share_ratio": f"{share.ratio:f}",
        "driver": share.driver,
        "driver_meter_id": meter_of(name, share.meter) if share.meter else "",
        "next_allocation_rule_id": allocation_rule_of(name, share.rule) if share.rule else "",
        "tenant_ids": "|".join(tenants),
        "same_as": "|".join(("provider", *share.same_as)) if is_direct else "",
        "capacity_quantity": "" if share.capacity is None else f"{share.capacity:f}",
    }


def _mapping(name: str, rule: str, cells: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a charge says of itself in its tags is taken over: its cluster, and its resource."""
    return {
        "rule_id": allocation_rule_of(name, rule),
        "rule_version": 1,
        "priority": 1,
        "provider_name": provider_of(name),
        "internal_service": "tag:resource",
        "cluster": "tag:cluster",
        "cost_category": "infrastructure",
        **cells,
        **DATES,
        **RECORDED,
    }


def land(scenes: Mapping[str, Scene], landing: Path, stamp: datetime) -> None:
    """Write the charges of all scenes as one statement, where there are any."""
    found = [
        _landed(name, scene.cost, charge)
        for name, scene in scenes.items()
        if scene.cost
        for charge in scene.cost.charges
    ]
    if not found:
        return
    columns = sorted({column for row in found for column in row})
    path = landing / "focus" / f"landed={stamp:%Y%m%dT%H%M%SZ}" / "statement.csv"
    path.parent.mkdir(parents=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(found)


def _landed(name: str, cost: Cost, charge: Charge) -> Mapping[str, str]:
    tags = dict(charge.tags)
    if charge.tenant:
        tags["tenant_id"] = tenant_id(name, cost, charge.tenant)
    month = charge.start.replace(day=1, hour=0)
    return {
        **DEFAULTS,
        "ProviderName": provider_of(name),
        "ServiceName": charge.service,
        "BilledCost": f"{charge.billed:f}",
        "EffectiveCost": f"{charge.effective:f}",
        "BillingPeriodStart": f"{month:%Y-%m-%dT%H:%M:%S}Z",
        "ChargePeriodStart": f"{charge.start:%Y-%m-%dT%H:%M:%S}Z",
        "ChargePeriodEnd": f"{charge.end:%Y-%m-%dT%H:%M:%S}Z",
        "Tags": json.dumps(tags, sort_keys=True),
        **charge.columns,
    }
