"""A published file with a few costs, and the landing folder that they came from.

January's pool `shared` is handed down in two steps to two tenants, leaves some capacity idle and
some cost unallocated; a statement was landed anew after January was closed.
"""

import csv
from collections.abc import Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import yaml

ROOT = Path(__file__).parents[2]

AWS = "focus/landed=20260205T000000Z/aws.csv"
COPY = "focus/landed=20260206T000000Z/aws.csv"
OLD = "focus/landed=20260205T000000Z/old.csv"
NEW = "focus/landed=20260305T000000Z/old.csv"

JANUARY, FEBRUARY = "2026-01-01", "2026-02-01"

STEPPED, PROPORTIONAL = "down:1:1 > load:2:1", "down:1:2"

TABLES = (
    *("fct_cost_statement_rows", "fct_rejected_cost_rows", "fct_cost_statements"),
    *("fct_cost_pools", "fct_cost_allocations", "fct_cost_attributions", "fct_cost_targets"),
    *("fct_unallocated_costs", "dim_allocation_shares", "fct_landed_files", "dim_tenants"),
)


def statement_row(number: int, pool: str | None, billed: str, **changes: Any) -> dict[str, Any]:
    return {
        "landed_file": AWS,
        "line_number": number,
        "cost_pool_id": pool,
        "cost_month": JANUARY,
        "driver_month": JANUARY,
        "provider": "AWS",
        "billing_account_id": "1047",
        "currency_code": "USD",
        "charge_category": "Usage",
        "charge_description": f"Hours [red]{number}",
        "tags": '{"service": "engine"}',
        "rule_id": "shared-engine",
        "rule_version": 3,
        "allocation_method": "shared",
        "row_status": "current",
        "is_posted": True,
        "billed_cost_amount": billed,
        "effective_cost_amount": billed,
        "billing_period_start_at": JANUARY,
        "charge_period_start_at": JANUARY,
        "charge_period_end_at": FEBRUARY,
        **changes,
    }


def pool(name: str, billed: str, effective: str | None = None, **changes: Any) -> dict[str, Any]:
    return {
        "cost_pool_id": name,
        "cost_month": JANUARY,
        "driver_month": JANUARY,
        "provider": "AWS",
        "currency_code": "USD",
        "rule_id": "shared-engine",
        "rule_version": 3,
        "allocation_method": "shared",
        "allocation_rule_id": "down",
        "allocation_rule_version": 1,
        "is_locked": False,
        "billed_cost_amount": billed,
        "effective_cost_amount": effective or billed,
        **changes,
    }


DIRECT = {"allocation_method": "direct", "allocation_rule_id": None, "tenant_id": "acme"}


def allocation(name: str, tenant: str, billed: str, effective: str, **changes: Any) -> Any:
    return {
        "cost_allocation_id": name,
        "cost_pool_id": "shared",
        "share_path": STEPPED,
        "cost_month": JANUARY,
        "driver_month": JANUARY,
        "tenant_id": tenant,
        "pack_id": "core",
        "capability_id": "engine",
        "region": "(none)",
        "allocation_method": "idle" if tenant == "(idle)" else "shared",
        "driver": "runs",
        "billed_cost_amount": billed,
        "effective_cost_amount": effective,
        "currency_code": "USD",
        **changes,
    }


def whole(name: str, pool_id: str, amount: str, month: str = JANUARY) -> dict[str, Any]:
    direct = {"share_path": "", "driver": None, "allocation_method": "direct"}
    return allocation(
        name, "acme", amount, amount, cost_pool_id=pool_id, cost_month=month, **direct
    )


def share(rule: str, version: int, number: int, ratio: str, **changes: Any) -> dict[str, Any]:
    return {
        "allocation_rule_id": rule,
        "rule_version": version,
        "share_number": number,
        "rule_share_ratio": ratio,
        "driver_grain": "day",
        **changes,
    }


def target(day: int, tenant: str, nanos: int) -> dict[str, Any]:
    return {
        "cost_pool_id": "shared",
        "slice_start_at": f"2026-01-{day:02}",
        "slice_end_at": f"2026-01-{day + 1:02}",
        "share_path": STEPPED,
        "tenant_id": tenant,
        "pack_id": "core",
        "driver_nanos": nanos,
    }


def statement(file: str, landed_at: str, superseded_at: str) -> dict[str, Any]:
    return {
        "provider": "AWS",
        "billing_account_id": "1047",
        "billing_month": JANUARY,
        "statement_month": JANUARY,
        "landed_file": file,
        "landed_at": landed_at,
        "superseded_at": superseded_at,
    }


def books() -> dict[str, list[dict[str, Any]]]:
    """The rows of each published table; those that are not named are empty."""
    taken_back = {"reversal_cost_pool_id": "reversal", "reversed_in_month": FEBRUARY}
    own = {"allocation_method": "direct", "rule_id": "direct-engine", "tenant_id": "acme"}
    gone = {"row_status": "copy", "is_posted": False}
    return {
        "fct_cost_statement_rows": [
            statement_row(1, "shared", "10", effective_cost_amount="9"),
            statement_row(2, "shared", "20", effective_cost_amount="18"),
            statement_row(3, "shared", "-3"),
            statement_row(4, "direct", "0.000000000001", **own),
            statement_row(5, None, "7", **gone, landed_file=COPY),
            statement_row(
                1, "closed", "5", landed_file=OLD, row_status="superseded", **own, **taken_back
            ),
            statement_row(1, "anew", "6", landed_file=NEW, **own, cost_month=FEBRUARY),
        ],
        "fct_rejected_cost_rows": [
            {
                "landed_file": AWS,
                "line_number": 9,
                "reason": "missing_currency",
                "reasons": "missing_currency,bad_billed_cost",
                "billed_cost_text": "1,5",
                "effective_cost_text": "1.5",
            }
        ],
        "fct_cost_statements": [
            statement(OLD, "2026-02-05", "2026-03-05"),
            statement(NEW, "2026-03-05", "9999-12-31"),
        ],
        "fct_cost_pools": [
            pool("shared", "27", "24"),
            pool("direct", "0.000000000001", **DIRECT),
            pool("closed", "5", **DIRECT, is_locked=True),
            pool("reversal", "-5", **DIRECT, cost_month=FEBRUARY),
            pool("anew", "6", **DIRECT, cost_month=FEBRUARY),
        ],
        "fct_cost_allocations": [
            allocation("a-runs", "acme", "6.48", "5.76", driver_quantity="6", share_ratio="0.24"),
            allocation("b-runs", "beta", "2.16", "1.92", driver_quantity="2", share_ratio="0.08"),
            allocation("idle", "(idle)", "2.16", "1.92", driver_quantity="2", share_ratio="0.08"),
            allocation(
                *("a-cost", "acme", "12.2", "10.4"),
                share_path=PROPORTIONAL,
                driver="direct_cost",
                share_ratio="0.433333333333",
            ),
            whole("d", "direct", "0.000000000001"),
            whole("c", "closed", "5"),
            whole("r", "reversal", "-5", FEBRUARY),
            whole("n", "anew", "6", FEBRUARY),
        ],
        "fct_cost_attributions": [
            {
                "cost_attribution_id": "attribution",
                **{
                    name: value
                    for name, value in allocation("", "acme", "18.68", "16.16").items()
                    if name not in ("cost_allocation_id", "cost_pool_id", "share_path", "driver")
                    and name != "driver_month"
                },
            }
        ],
        "fct_unallocated_costs": [
            {
                "cost_pool_id": "shared",
                "reason": "driver_is_zero",
                "cost_month": JANUARY,
                "billed_cost_amount": "4",
                "effective_cost_amount": "4",
                "currency_code": "USD",
            }
        ],
        "fct_cost_targets": [
            target(1, "acme", 5),
            target(1, "beta", 1),
            target(2, "acme", 1),
            target(2, "beta", 1),
        ],
        "dim_allocation_shares": [
            share("down", 1, 1, "0.4", driver="rule", next_allocation_rule_id="load"),
            share("down", 1, 2, "0.6", driver="direct_cost", same_as="provider"),
            share(
                *("load", 2, 1, "1"),
                driver="meter",
                driver_meter_id="runs",
                capacity_quantity="5",
            ),
        ],
        "fct_landed_files": [
            {"landed_file": AWS, "digest": "same", "landed_at": "2026-02-05"},
            {"landed_file": COPY, "digest": "same", "landed_at": "2026-02-06"},
        ],
        "dim_tenants": [{"tenant_id": "acme", "tenant_name": "Acme Robotics"}],
    }


def publish(folder: Path, content: Mapping[str, list[dict[str, Any]]]) -> Path:
    """Write the published file, each table with the columns of its contract; return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "meterhouse.duckdb"
    with closing(duckdb.connect(path)) as connection:
        for table in TABLES:
            (file,) = (ROOT / "models").rglob(f"{table}.yml")
            columns = yaml.safe_load(file.read_text())["models"][0]["columns"]
            shape = ", ".join(f"{column['name']} {column['data_type']}" for column in columns)
            connection.execute(f"create table {table} ({shape})")
            for row in content.get(table, ()):
                marks = ", ".join("?" for _ in row)
                connection.execute(
                    f"insert into {table} ({', '.join(row)}) values ({marks})", list(row.values())
                )
    return path


def land(folder: Path, content: Mapping[str, list[dict[str, Any]]]) -> Path:
    """Write the statements that the rows of `content` came from; return the landing folder."""
    files: dict[str, dict[int, dict[str, Any]]] = {}
    for row in content["fct_cost_statement_rows"]:
        files.setdefault(row["landed_file"], {})[row["line_number"]] = {
            "ProviderName": row["provider"],
            "BilledCost": row["billed_cost_amount"],
            "EffectiveCost": row["effective_cost_amount"],
            "ListCost": "1.0000000000000001",
            "ConsumedQuantity": "10",
            "ListUnitPrice": "0.5",
            "ChargeDescription": row["charge_description"],
            "BillingPeriodEnd": "2026-02-01 00:00:00",
            "Tags": row["tags"],
            "x_Own": "kept",
        }
    for name, rows in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", newline="") as stream:
            writer = csv.DictWriter(stream, list(next(iter(rows.values()))))
            writer.writeheader()
            writer.writerows(rows.get(number, {}) for number in range(1, max(rows) + 1))
    return folder


def month(text: str) -> Any:
    return datetime.strptime(text, "%Y-%m").date()
