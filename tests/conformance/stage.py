"""Scenes as rows: one landing folder and one catalogue for all of them.

Each scene has a tenant, an event type and a meter of its own, and a priced one a plan and a
contract too, so that no scene can see another. What the default catalogue holds stays.
"""

import csv
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from python_ext import catalogue, catalogue_rules
from python_ext.errors import MeterhouseError
from tests.conformance.months import next_month
from tests.conformance.scene import Event, Scene

PACK, CATEGORY = "companyos_core", "companyos_core"
DECISION = "pd-catalogue-founding"
RECORDED_AT = "2024-12-01T00:00:00Z"
DATES = {"effective_from_date": "2000-01-01", "effective_to_date": "9999-12-31"}
INSTANTS = {"effective_from_at": "2000-01-01T00:00:00Z", "effective_to_at": "9999-12-31T00:00:00Z"}

Rows = Mapping[str, Sequence[Mapping[str, Any]]]
"""Catalogue file without its ending -> rows, of which each names the columns that are not empty."""


def tenant_of(name: str) -> str:
    return f"conformance-{name}"


def meter_of(name: str) -> str:
    return f"conformance.{name}"


def plan_line_of(name: str) -> str:
    return f"conformance-{name}@1:usage"


def lay_out(scenes: Mapping[str, Scene], folder: Path, root: Path) -> tuple[Path, dict[str, str]]:
    """Write the catalogue of the scenes below `folder` and return the seeds to build from.

    The second value says, for a scene whose rows the catalogue refuses, which rule they break;
    those are left out. Raises MeterhouseError where the default catalogue itself is refused.
    """
    refused: dict[str, str] = {}
    while True:
        kept = {name: scene for name, scene in scenes.items() if name not in refused}
        owners = _write_catalogue(kept, folder, root / "seeds" / "catalogue")
        seeds = catalogue.lay_over(root / "seeds", folder, root / ".catalogue")
        findings = catalogue_rules.check(seeds)
        if not findings:
            return seeds, refused
        found = {owners.get((finding.file, finding.row)): finding for finding in findings}
        if None in found:
            raise MeterhouseError(
                str(root / "seeds"), f"the catalogue is refused: {found[None]}", "correct it first"
            )
        refused |= {name: finding.rule for name, finding in found.items() if name is not None}


def land(scenes: Mapping[str, Scene], landing: Path) -> None:
    """Write all events as one file that landed after every period had ended, with its grace."""
    ends = [next_month(_midnight(scene.month)) for scene in scenes.values()]
    instants = [event.at for scene in scenes.values() for event in scene.events]
    stamp = max([*ends, *instants]) + timedelta(days=1)
    path = landing / "usage_events" / f"landed={stamp:%Y%m%dT%H%M%SZ}" / "events.ndjson"
    path.parent.mkdir(parents=True)
    with path.open("w", encoding="utf-8") as stream:
        for name, scene in scenes.items():
            for event in scene.events:
                stream.write(json.dumps(_line(name, event)) + "\n")


def _line(name: str, event: Event) -> dict[str, Any]:
    metadata = {} if event.actor_id is None else {"actor_id": event.actor_id}
    return {
        "id": f"{name}:{event.event_id}",
        "tenant_id": tenant_of(name),
        "timestamp": event.at.isoformat().replace("+00:00", "Z"),
        "category": CATEGORY,
        "type": meter_of(name),
        "quantity": f"{event.quantity:f}",
        "metadata": metadata,
    }


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _write_catalogue(
    scenes: Mapping[str, Scene], folder: Path, defaults: Path
) -> dict[tuple[str, int], str]:
    """Write default rows and those of the scenes after them; which scene stands in which row."""
    folder.mkdir(exist_ok=True)
    added: dict[str, list[tuple[str, Mapping[str, Any]]]] = defaultdict(list)
    for name, scene in scenes.items():
        for file, rows in _rows(name, scene).items():
            added[file] += [(name, row) for row in rows]
    owners: dict[tuple[str, int], str] = {}
    for path in folder.glob("*.csv"):
        path.unlink()
    for file, named in added.items():
        text = (defaults / f"{file}.csv").read_text(encoding="utf-8")
        columns = next(csv.reader([text.splitlines()[0]]))
        path = folder / f"{file}.csv"
        with path.open("w", encoding="utf-8", newline="") as stream:
            stream.write(text if text.endswith("\n") else f"{text}\n")
            writer = csv.DictWriter(stream, columns, restval="", lineterminator="\n")
            for number, (name, row) in enumerate(named, start=text.rstrip("\n").count("\n") + 2):
                writer.writerow(row)
                owners[f"{file}.csv", number] = name
    return owners


def _rows(name: str, scene: Scene) -> Rows:
    meter = scene.meter
    tenant = {
        "tenant_id": tenant_of(name),
        "tenant_name": f"Conformance {name}",
        "tier_id": "enterprise",
        "region": "us-east",
        "country_code": "US",
        "tax_region": "US-NY",
        "customer_kind": "business",
        "billing_currency_code": scene.price.currency_code if scene.price else "USD",
        "is_internal": "false",
    }
    definition = {
        "meter_id": meter_of(name),
        "meter_name": f"Conformance {name}",
        "category": CATEGORY,
        "event_type": meter_of(name),
        "value_field": meter.value_field,
        "aggregation": meter.aggregation,
        "percentile": "" if meter.percentile is None else f"{meter.percentile:f}",
        "base_window": meter.base_window,
        "reading_window": "month",
        "unit": "units",
        "rounding_function": meter.rounding_function,
        "rounding_precision": "" if meter.rounding_precision is None else meter.rounding_precision,
        "is_billable": "true" if scene.price else "false",
        "recorded_at": RECORDED_AT,
        **INSTANTS,
    }
    return {"tenants": [tenant], "meters": [definition], **_price_rows(name, scene)}


def _price_rows(name: str, scene: Scene) -> Rows:
    if scene.price is None:
        return {}
    plan = contract = tenant_of(name)
    recorded = {"recorded_at": RECORDED_AT, "policy_decision_id": DECISION}
    start = _midnight(scene.month)
    return {
        "price_plans": [
            {
                "plan_id": plan,
                "sku": plan,
                "plan_name": plan,
                "edition": "hosted_saas",
                "billing_interval": "month",
            }
        ],
        "plan_versions": [
            {
                "plan_version_id": f"{plan}@1",
                "plan_id": plan,
                "version": 1,
                **DATES,
                **recorded,
            }
        ],
        "plan_lines": [
            {
                "plan_line_id": plan_line_of(name),
                "plan_version_id": f"{plan}@1",
                "line_kind": "usage",
                "pack_id": PACK,
                "meter_id": meter_of(name),
                "charge_model": scene.price.charge_model,
                "environments": "production",
                "free_quantity": 0,
            }
        ],
        "plan_line_tiers": [
            {
                "plan_line_id": plan_line_of(name),
                "currency_code": scene.price.currency_code,
                "tier_number": place,
                "up_to_quantity": "" if tier.up_to is None else f"{tier.up_to:f}",
                "unit_price": f"{tier.unit_price:f}",
                "flat_amount": f"{tier.flat_amount:f}",
            }
            for place, tier in enumerate(scene.price.tiers, start=1)
        ],
        "contracts": [
            {
                "contract_id": contract,
                "tenant_id": tenant_of(name),
                "plan_id": plan,
                "contract_type": "annual",
                "currency_code": scene.price.currency_code,
                "start_date": scene.month.isoformat(),
                "end_date": next_month(start).date().isoformat(),
                "billing_interval": "month",
                "payment_terms_days": 30,
                "issuing_entity_id": "summit-us",
                **recorded,
            }
        ],
        "contract_packs": [{"contract_id": contract, "pack_id": PACK}],
    }
