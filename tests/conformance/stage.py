"""Scenes as rows: one landing folder and one catalogue for all of them.

Each scene has a tenant, an event type and a meter of its own, and a priced one a plan and a
contract too, so that no scene can see another. What the default catalogue holds stays.
"""

import csv
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from python_ext import catalogue, catalogue_rules
from python_ext.errors import MeterhouseError
from tests.conformance import cost_stage, recurring_stage
from tests.conformance.months import next_month
from tests.conformance.names import (
    CATEGORY,
    DATES,
    INSTANTS,
    PACK,
    RECORDED,
    RECORDED_AT,
    grant_of,
    meter_of,
    plan_line_of,
    tenant_of,
)
from tests.conformance.plans import add_fee, bare_plan, tier_row
from tests.conformance.scene import Cells, Currency, Event, Line, Price, Rows, Scene, Tier


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
    """Write all events, and all cost, as one file each that landed after every period's grace."""
    ends = [next_month(_midnight(scene.month)) for scene in scenes.values()]
    ends += [charge.end for s in scenes.values() if s.cost for charge in s.cost.charges]
    ends += [_midnight(s.contract.end_date) for s in scenes.values() if s.contract.end_date]
    ends += [_midnight(s.recurring.end) for s in scenes.values() if s.recurring]
    instants = [
        event.at for scene in scenes.values() for line in scene.lines for event in line.events
    ]
    stamp = max([*ends, *instants]) + timedelta(days=1)
    path = landing / "usage_events" / f"landed={stamp:%Y%m%dT%H%M%SZ}" / "events.ndjson"
    path.parent.mkdir(parents=True)
    with path.open("w", encoding="utf-8") as stream:
        for name, scene in scenes.items():
            for place, line in enumerate(scene.lines, start=1):
                for event in line.events:
                    tenant = cost_stage.tenant_id(name, scene.cost, event.tenant)
                    stream.write(json.dumps(_landed(name, place, tenant, event)) + "\n")
    cost_stage.land(scenes, landing, stamp)


def _landed(name: str, place: int, tenant_id: str, event: Event) -> dict[str, Any]:
    metadata = {} if event.actor_id is None else {"actor_id": event.actor_id}
    return {
        "id": f"{name}:{place}:{event.event_id}",
        "tenant_id": tenant_id,
        "timestamp": event.at.isoformat().replace("+00:00", "Z"),
        "category": CATEGORY,
        "type": meter_of(name, place),
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
    currencies = {row["currency_code"] for row in _read(defaults / "currencies.csv")}
    for name, scene in scenes.items():
        if scene.currency.code not in currencies:
            currencies.add(scene.currency.code)
            added["currencies"].append((name, _currency(scene.currency)))
        for file, rows in _rows(name, scene).items():
            added[file] += [(name, row) for row in rows]
    for path in folder.glob("*.csv"):
        path.unlink()
    return write_rows(added, folder, defaults)


def write_rows(
    added: Mapping[str, Sequence[tuple[str, Mapping[str, Any]]]], folder: Path, defaults: Path
) -> dict[tuple[str, int], str]:
    """Write each file below `folder` as the default one with more rows, each with its owner.

    Return the owner of each row by file and line number.
    """
    owners: dict[tuple[str, int], str] = {}
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


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _currency(currency: Currency) -> Mapping[str, Any]:
    return {
        "currency_code": currency.code,
        "currency_name": currency.code,
        "minor_unit": currency.minor_unit,
    }


def _rows(name: str, scene: Scene) -> Rows:
    meters = [_meter(name, place, line) for place, line in enumerate(scene.lines, start=1)]
    if scene.recurring:
        return recurring_stage.rows(name, scene, scene.recurring)
    if scene.cost:
        tenants = [_tenant(name, scene, one) for one in cost_stage.tenant_ids(name, scene.cost)]
        return {"tenants": tenants, "meters": meters, **cost_stage.rows(name, scene.cost)}
    rows: Rows = {"tenants": [_tenant(name, scene, tenant_of(name))], "meters": meters}
    if any(line.price for line in scene.lines) or scene.contract.has_fee:
        return {**rows, **_plan_rows(name, scene), **_contract_rows(name, scene)}
    return rows


def _tenant(name: str, scene: Scene, tenant_id: str) -> Mapping[str, Any]:
    return {
        "tenant_id": tenant_id,
        "tenant_name": f"Conformance {name}",
        "tier_id": "enterprise",
        "region": "us-east",
        "country_code": "US",
        "tax_region": tenant_of(name) if _is_taxed(scene) else "US-NY",
        "customer_kind": "business",
        "billing_currency_code": scene.currency.code,
        "is_internal": "false",
    }


def _is_taxed(scene: Scene) -> bool:
    files = {file for file, _ in scene.contract.rows}
    return scene.contract.tax_ratio is not None or "tax_rates" in files


def _meter(name: str, place: int, line: Line) -> Mapping[str, Any]:
    meter = line.meter
    return {
        "meter_id": meter_of(name, place),
        "meter_name": f"Conformance {name}",
        "category": CATEGORY,
        "event_type": meter_of(name, place),
        "value_field": meter.value_field,
        "aggregation": meter.aggregation,
        "percentile": "" if meter.percentile is None else f"{meter.percentile:f}",
        "base_window": meter.base_window,
        "reading_window": meter.reading_window,
        "unit": "units",
        "rounding_function": meter.rounding_function,
        "rounding_precision": "" if meter.rounding_precision is None else meter.rounding_precision,
        "is_billable": "true" if line.price else "false",
        "recorded_at": RECORDED_AT,
        **({"keeps_values": "true"} if meter.keeps_values else {}),
        **INSTANTS,
    }


def _plan_rows(name: str, scene: Scene) -> Rows:
    """A plan with a line for each price, and one for the base fee where there is one."""
    plan, contract = tenant_of(name), scene.contract
    rows = bare_plan(plan, contract.interval)
    for place, line in enumerate(scene.lines, start=1):
        if line.price:
            for file, found in _price_rows(name, place, line.price).items():
                rows[file] += found
    if contract.has_fee:
        fee = Tier(None, contract.fee_unit_price or Decimal(0), contract.fee_amount or Decimal(0))
        charge_model = "flat" if contract.fee_unit_price is None else "per_unit"
        add_fee(rows, plan, charge_model, scene.currency.code, fee)
    if contract.change:
        _, amount = contract.change
        other = bare_plan(f"{plan}-other", contract.interval)
        add_fee(other, f"{plan}-other", "flat", scene.currency.code, Tier(None, Decimal(0), amount))
        for file, found in other.items():
            rows[file] += found
    return rows


def _price_rows(name: str, place: int, price: Price) -> Rows:
    line_id, currency_code = plan_line_of(name, place), price.currency.code
    key = {"plan_line_id": line_id, "currency_code": currency_code}
    return {
        "plan_lines": [
            {
                "plan_line_id": line_id,
                "plan_version_id": f"{tenant_of(name)}@1",
                "line_kind": "usage",
                "pack_id": PACK,
                "meter_id": meter_of(name, place),
                "charge_model": price.charge_model,
                "environments": "production",
                "free_quantity": 0,
                **_cells(price.options),
            }
        ],
        "plan_line_tiers": [
            tier_row(line_id, currency_code, number, tier)
            for number, tier in enumerate(price.tiers, start=1)
        ],
        "plan_line_terms": [{**key, **_cells(price.terms)}] if price.terms else [],
    }


def _cells(values: Cells) -> Mapping[str, Any]:
    """Values as they are written: true or false, and numbers without an exponent."""
    return {
        column: str(value).lower()
        if isinstance(value, bool)
        else f"{value:f}"
        if isinstance(value, Decimal)
        else value
        for column, value in values.items()
    }


def _contract_rows(name: str, scene: Scene) -> Rows:
    contract, contract_id = scene.contract, tenant_of(name)
    end = next_month(_midnight(scene.month)).date()
    rows: dict[str, list[Mapping[str, Any]]] = {
        "contracts": [
            {
                "contract_id": contract_id,
                "tenant_id": tenant_of(name),
                "plan_id": tenant_of(name),
                "contract_type": "annual",
                "currency_code": scene.currency.code,
                "start_date": (contract.start_date or scene.month).isoformat(),
                "end_date": (contract.end_date or end).isoformat(),
                "billing_interval": contract.interval,
                "payment_terms_days": 30,
                "issuing_entity_id": "summit-us",
                **RECORDED,
            }
        ],
        "contract_packs": [{"contract_id": contract_id, "pack_id": PACK}],
    }
    if contract.close_date:
        close = {"contract_id": contract_id, "close_date": contract.close_date.isoformat()}
        rows["interim_closes"] = [{**close, **RECORDED}]
    if contract.billing_terms:
        key = {"contract_id": contract_id, "start_date": "2000-01-01", "end_date": "9999-12-31"}
        rows["billing_terms"] = [{**key, **_cells(contract.billing_terms), **RECORDED}]
    if contract.quantities:
        ends = [start for start, _ in contract.quantities[1:]] + [date.max]
        rows["contract_quantities"] = [
            {
                "contract_id": contract_id,
                "line_code": "base",
                "quantity": quantity,
                "start_date": start.isoformat(),
                "end_date": end.isoformat(),
                **RECORDED,
            }
            for (start, quantity), end in zip(contract.quantities, ends, strict=True)
        ]
    if contract.change:
        start, _ = contract.change
        rows["contract_plan_changes"] = [
            {
                "contract_id": contract_id,
                "plan_id": f"{tenant_of(name)}-other",
                "effective_date": start.isoformat(),
                "change_policy": "immediate_prorated",
                **RECORDED,
            }
        ]
    if contract.commitment_amount is not None:
        rows["commitments"] = [
            {
                "commitment_id": contract_id,
                "contract_id": contract_id,
                "currency_code": scene.currency.code,
                "amount": f"{contract.commitment_amount:f}",
                "commitment_interval": "month",
                "start_date": "2000-01-01",
                "end_date": "9999-12-31",
                **RECORDED,
            }
        ]
    if contract.tax_ratio is not None:
        rows["tax_rates"] = [
            {
                "tax_region": tenant_of(name),
                "customer_kind": "business",
                "tax_name": "Tax",
                "tax_ratio": f"{contract.tax_ratio:f}",
                **DATES,
                **RECORDED,
            }
        ]
    for file, cells in contract.rows:
        rows.setdefault(file, []).append(_own(name, file, cells))
    return rows


def _own(name: str, file: str, cells: Cells) -> Mapping[str, Any]:
    """A row with the ids of its scene, in force for ever and allowed unless it says otherwise."""
    row = dict(_cells(cells))
    if file == "tax_rates":
        return {"tax_region": tenant_of(name), "customer_kind": "business"} | DATES | RECORDED | row
    for key in ("coupon_id", "grant_id"):
        if key in row:
            row[key] = grant_of(name, row[key])
    owner = "tenant_id" if file == "credit_grants" else "contract_id"
    term = {"start_date": "2000-01-01", "end_date": "9999-12-31"} if file == "coupons" else {}
    decided = {} if file == "contract_packs" else RECORDED
    return {owner: tenant_of(name)} | term | decided | row
