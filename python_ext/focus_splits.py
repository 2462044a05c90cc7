"""Statement rows of a month as FOCUS 1.3, shared ones as a row for each who bears them.

Source: FOCUS specification 1.3, data generator-calculated split cost allocation (CC BY 4.0). Of an
origin charge the allocated charges keep every dimension and unit price; costs and quantities add up
to it, and so do the ratios to 1. What nobody uses has no AllocatedResourceId.
"""

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from python_ext import cost_pools, focus
from python_ext.errors import MeterhouseError
from python_ext.explain import plain
from python_ext.posted_costs import IDLE, OF_MONTH, ROWS, Cost, Part, PoolSplit, named, read_parts
from python_ext.row_splits import STEP, from_steps, in_steps, shares

Row = Mapping[str, Any]

NOT_IN_1_3 = {"CommitmentProgramEligibilityDetails", "InvoiceDetailId"}

COSTS = ("BilledCost", "EffectiveCost")
"""As the books have them."""

SUMMED = (
    "ListCost",
    "ContractedCost",
    "PricingCurrencyEffectiveCost",
    "ConsumedQuantity",
    "PricingQuantity",
    "CommitmentDiscountQuantity",
)
"""What allocated rows have to add up to as well; the books do not keep it."""

UNIT_PRICES = (
    "ListUnitPrice",
    "ContractedUnitPrice",
    "PricingCurrencyContractedUnitPrice",
    "PricingCurrencyListUnitPrice",
)

INSTANTS = {
    "BillingPeriodStart": "billing_period_start_at",
    "BillingPeriodEnd": None,
    "ChargePeriodStart": "charge_period_start_at",
    "ChargePeriodEnd": "charge_period_end_at",
}

LARGEST = Decimal(10) ** 20

FINE = Decimal("1E-18")
"""The step of what the books do not keep: providers state it more finely than costs."""

OWN = ("x_CostPoolId", "x_CostMonth", "x_AllocationMethod", "x_TenantId", "x_PackId")
"""Who bears the row by the books, where it is not split too; null where nobody does."""

ORIGIN = ("x_LandedFile", "x_LineNumber", "x_IsTakenBack", "x_ShareRatio", "x_OtherColumns")
"""The charge that a row is a part of."""

TYPES: Mapping[str, pa.DataType] = {
    **dict.fromkeys(COSTS, pa.decimal128(38, 12)),
    **dict.fromkeys((*SUMMED, *UNIT_PRICES), pa.decimal128(38, 18)),
    **dict.fromkeys(INSTANTS, pa.timestamp("us", tz="UTC")),
    "x_CostMonth": pa.date32(),
    "x_LineNumber": pa.int64(),
    "x_IsTakenBack": pa.bool_(),
    "x_ShareRatio": pa.decimal128(38, 12),
}

SCHEMA = pa.schema(
    [
        (name, TYPES.get(name, pa.string()))
        for name in (*(c for c in focus.FOCUS_COLUMNS if c not in NOT_IN_1_3), *OWN, *ORIGIN)
    ]
)

UNEVEN = f"""
    with posted as (
        select
            pool_id,
            sum(billed) as billed_cost_amount,
            sum(effective) as effective_cost_amount
        from ({ROWS.format(condition=OF_MONTH)})
        group by pool_id
    ),

    pools as (
        select * from fct_cost_pools
        where cost_month = ?
    )

    select coalesce(pools.cost_pool_id, posted.pool_id) as cost_pool_id
    from pools
    full join posted
        on pools.cost_pool_id = posted.pool_id
    where
        pools.billed_cost_amount is distinct from posted.billed_cost_amount
        or pools.effective_cost_amount is distinct from posted.effective_cost_amount
    order by cost_pool_id
"""

FILES = f"""
    select distinct landed_file from ({ROWS.format(condition=OF_MONTH)})
    order by landed_file
"""

CHARGES = """
    select
        charges.*,
        pools.allocation_rule_id as pool_rule_id,
        pools.allocation_rule_version as pool_rule_version,
        pools.allocation_method as pool_method,
        pools.pack_id,
        {landed},
        landed.other_columns as landed_others,
        landed.line_number is not null as is_found
    from ({rows}) as charges
    inner join fct_cost_pools as pools
        on charges.pool_id = pools.cost_pool_id
    left join landed
        on charges.landed_file = landed.landed_file and charges.line_number = landed.line_number
    order by charges.landed_file, charges.line_number, charges.is_taken_back
""".format(
    rows=ROWS.format(condition=OF_MONTH),
    landed=", ".join(f'landed."{name}" as "landed {name}"' for name in focus.FOCUS_COLUMNS),
)

TENANTS = "select tenant_id, tenant_name from dim_tenants"

BATCH = 5000


@dataclass(frozen=True)
class Written:
    """How many rows were written, of how many charges, and what cannot be said as FOCUS has it.

    `pools_out_of_range` have parts of either sign: more was used than there was.
    """

    charge_count: int
    row_count: int
    pools_out_of_range: tuple[str, ...]


@dataclass(frozen=True)
class Target:
    """A tenant's pack, or what nobody bears of a pool, and the cells that say so.

    `keys` name its parts of the pool, `weight` is their size in whole steps.
    """

    keys: tuple[str, ...]
    weight: int
    cells: dict[str, object]


@dataclass(frozen=True)
class SharedPool:
    """A pool that is split: how, and over whom."""

    split: PoolSplit
    targets: tuple[Target, ...]


def write(published: Path, landing: Path, month: date, out: Path) -> Written:
    """Write what is posted in `month`: Parquet or CSV, as the name of `out` ends.

    Columns of `SCHEMA`, all of them always. Books are read from `published`, what else a provider
    states of a charge from `landing`. Raises MeterhouseError where nothing is published or posted,
    a row is not landed any more, a closed month holds other costs than its rows, or a number of a
    statement does not fit.
    """
    if out.suffix not in WRITERS:
        raise MeterhouseError(str(out), "a file of splits ends in .parquet or .csv", "rename it")
    if not published.is_file():
        raise MeterhouseError(str(published), "nothing is published", "run meterhouse build")
    with closing(duckdb.connect(published, read_only=True)) as connection:
        _check(connection, month)
        names = [row["landed_file"] for row in named(connection, FILES, month)]
        landed = cost_pools.read_statements(connection, landing, names)
        connection.register("landed", landed.to_arrow_table())
        parts = read_parts(connection, OF_MONTH, month)
        tenants = {row["tenant_id"]: row["tenant_name"] for row in named(connection, TENANTS)}
        expanded = _Expansion(parts, tenants)
        out.parent.mkdir(parents=True, exist_ok=True)
        partial = out.with_name(f".{out.name}.partial")
        try:
            WRITERS[out.suffix](partial, expanded.rows(named(connection, CHARGES, month)))
            partial.replace(out)
        finally:
            partial.unlink(missing_ok=True)
    return Written(expanded.charge_count, expanded.row_count, tuple(sorted(expanded.out_of_range)))


def _check(connection: duckdb.DuckDBPyConnection, month: date) -> None:
    uneven = [row["cost_pool_id"] for row in named(connection, UNEVEN, month, month)]
    if uneven:
        pools = f"{len(uneven)} cost pool{'s are' if len(uneven) > 1 else ' is'}"
        raise MeterhouseError(
            f"{month:%Y-%m}",
            f"{pools} not what the statement rows come to, first {uneven[0]}: the month was "
            "closed with others",
            "look them up in exc_cost_lock_mismatches and meterhouse explain-cost",
        )
    if not list(named(connection, "select 1 from fct_cost_pools where cost_month = ?", month)):
        raise MeterhouseError(
            f"{month:%Y-%m}",
            "no cost is posted in this month",
            "take one of rpt_cost_reconciliation",
        )


class _Expansion:
    """Charges into rows; counts what it makes, and keeps how each pool is split."""

    def __init__(self, parts: Mapping[str, list[Part]], tenants: Mapping[str, str]) -> None:
        self._parts, self._tenants = parts, tenants
        self._pools: dict[str, SharedPool] = {}
        self.charge_count = self.row_count = 0
        self.out_of_range: set[str] = set()

    def rows(self, charges: Iterable[Row]) -> Iterator[dict[str, object]]:
        for charge in charges:
            self.charge_count += 1
            for row in self._of_charge(charge):
                self.row_count += 1
                yield row

    def _of_charge(self, charge: Row) -> Iterator[dict[str, object]]:
        row, summed = _dimensions(charge), _summed(charge)
        if charge["pool_method"] != "shared":
            yield row | summed | _costs(Cost(charge["billed"], charge["effective"]))
            return
        pool = self._pools.get(charge["pool_id"]) or self._pool(charge)
        split = pool.split.of_row(charge)
        weights = [target.weight for target in pool.targets]
        divided = {name: _divided(amount, weights) for name, amount in summed.items()}
        for number, target in enumerate(pool.targets):
            cost = sum((split[key] for key in target.keys), Cost())
            own = {name: amounts[number] for name, amounts in divided.items()}
            yield row | own | _costs(cost) | target.cells

    def _pool(self, charge: Row) -> SharedPool:
        pool_id, version = charge["pool_id"], charge["pool_rule_version"]
        method = charge["pool_rule_id"] + ("" if version is None else f":{version}")
        parts = self._parts[pool_id]
        steps = _basis(parts)
        ratios = _ratios(steps)
        if ratios is None and any(steps.values()):
            self.out_of_range.add(pool_id)
        bearers: dict[tuple[str, ...], list[Part]] = {}
        for part in sorted(parts, key=lambda part: part.key):
            bearer = (part.tenant_id or "", part.pack_id or "", part.reason or "")
            bearers.setdefault(bearer, []).append(part)
        targets = tuple(
            Target(
                tuple(part.key for part in same),
                sum(abs(steps[part.key]) for part in same),
                self._cells(same, ratios) | {"AllocatedMethodId": method},
            )
            for same in bearers.values()
        )
        made = self._pools[pool_id] = SharedPool(PoolSplit(parts, charge), targets)
        return made

    def _cells(
        self, same: Sequence[Part], ratios: Mapping[str, Decimal] | None
    ) -> dict[str, object]:
        first = same[0]
        tenant_id = first.tenant_id if first.tenant_id != IDLE else None
        shares_of_books = [part.share_ratio for part in same if part.share_ratio is not None]
        details = share_ratio = None
        if ratios:
            elements = ", ".join(_element(part, ratios[part.key]) for part in same)
            details = f'{{"Elements": [{elements}]}}'
            share_ratio = sum((ratios[part.key] for part in same), Decimal(0))
        elif shares_of_books:
            share_ratio = sum(shares_of_books, Decimal(0))
        tags = {
            "tenant_id": tenant_id,
            "pack_id": first.pack_id,
            "capability": first.capability_id,
        }
        known = {key: text for key, text in tags.items() if text not in (None, "(none)")}
        return {
            "AllocatedMethodDetails": details,
            "AllocatedResourceId": tenant_id,
            "AllocatedResourceName": self._tenants.get(tenant_id or "", tenant_id),
            "AllocatedTags": json.dumps(known) if tenant_id else None,
            "x_AllocationMethod": _method(first),
            "x_TenantId": first.tenant_id,
            "x_PackId": first.pack_id if first.pack_id != "(none)" else None,
            "x_ShareRatio": share_ratio,
        }


def _method(part: Part) -> str:
    if part.tenant_id is None:
        return "unallocated"
    return "idle" if part.tenant_id == IDLE else "shared"


def _basis(parts: Sequence[Part]) -> dict[str, int]:
    """What the parts bear in whole steps: of effective cost, or of billed where there is none."""
    steps = {part.key: in_steps(part.effective_cost_amount) for part in parts}
    if not any(steps.values()):
        steps = {part.key: in_steps(part.billed_cost_amount) for part in parts}
    return steps


def _ratios(steps: Mapping[str, int]) -> dict[str, Decimal] | None:
    """Ratios from 0 to 1 that add up to 1; none where parts have either sign, or are all zero."""
    if not any(steps.values()) or min(steps.values()) < 0 < max(steps.values()):
        return None
    found = shares(int(1 / STEP), [abs(part) for part in steps.values()])
    return {key: from_steps(ratio) for key, ratio in zip(steps, found, strict=True)}


def _element(part: Part, ratio: Decimal) -> str:
    """As JSON, with numbers as they are: a float would not hold their digits."""
    pairs = [("AllocatedRatio", plain(ratio))]
    if part.driver:
        pairs.append(("UsageUnit", json.dumps(part.driver)))
        if part.driver_quantity is not None:
            pairs.append(("UsageQuantity", plain(part.driver_quantity)))
    if part.share_path:
        pairs.append(("x_SharePath", json.dumps(part.share_path)))
    if reason := part.reason or ("idle" if part.tenant_id == IDLE else None):
        pairs.append(("x_Reason", json.dumps(reason)))
    return "{" + ", ".join(f'"{name}": {value}' for name, value in pairs) + "}"


def _costs(cost: Cost) -> dict[str, object]:
    return {"BilledCost": cost.billed, "EffectiveCost": cost.effective}


def _dimensions(charge: Row) -> dict[str, object]:
    """What all rows of a charge have in common, as the provider states it."""
    if not charge["is_found"]:
        raise MeterhouseError(
            _place(charge), "it is in the books and not landed any more", "bring the file back"
        )
    row: dict[str, object] = {
        name: charge[f"landed {name}"] for name in SCHEMA.names if f"landed {name}" in charge
    }
    for name, column in INSTANTS.items():
        row[name] = charge[column].replace(tzinfo=UTC) if column else _instant(charge, name)
    row |= {name: _number(charge, name) for name in UNIT_PRICES}
    row["ServiceProviderName"] = row["ServiceProviderName"] or charge["provider"]
    if charge["is_taken_back"]:
        row["ChargeClass"] = "Correction"
    return row | {
        "x_CostPoolId": charge["pool_id"],
        "x_CostMonth": charge["posted_month"],
        "x_AllocationMethod": charge["pool_method"],
        "x_TenantId": IDLE if charge["pool_method"] == "idle" else charge["tenant_id"],
        "x_PackId": charge["pack_id"] if charge["pool_method"] != "unallocated" else None,
        "x_LandedFile": charge["landed_file"],
        "x_LineNumber": charge["line_number"],
        "x_IsTakenBack": charge["is_taken_back"],
        "x_ShareRatio": None,
        "x_OtherColumns": charge["landed_others"],
    }


def _summed(charge: Row) -> dict[str, Decimal | None]:
    numbers = {name: _number(charge, name) for name in SUMMED}
    if not charge["is_taken_back"]:
        return numbers
    return {
        name: None if number is None else number.copy_negate() for name, number in numbers.items()
    }


def _divided(amount: Decimal | None, weights: list[int]) -> list[Decimal | None]:
    if amount is None:
        return [None] * len(weights)
    return [from_steps(share, FINE) for share in shares(in_steps(amount, FINE), weights)]


def _number(charge: Row, name: str) -> Decimal | None:
    text = charge[f"landed {name}"]
    if text is None:
        return None
    try:
        number = from_steps(in_steps(Decimal(text), FINE), FINE)
    except (InvalidOperation, ValueError, OverflowError):
        number = LARGEST
    if number.copy_abs() >= LARGEST:
        raise MeterhouseError(
            f"{_place(charge)}, {name}",
            f"a number has 20 digits and 18 decimals at the most, found {text}",
            "ask the provider for a corrected statement",
        )
    return number


def _instant(charge: Row, name: str) -> datetime | None:
    text = charge[f"landed {name}"]
    if text is None:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise MeterhouseError(
            f"{_place(charge)}, {name}",
            f"an instant is written as in ISO 8601, found {text}",
            "ask the provider for a corrected statement",
        ) from None
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


def _place(charge: Row) -> str:
    return f"{charge['landed_file']}:{charge['line_number']}"


def _write_parquet(path: Path, rows: Iterator[dict[str, object]]) -> None:
    with pq.ParquetWriter(path, SCHEMA) as writer:
        while batch := list(islice(rows, BATCH)):
            writer.write_batch(pa.RecordBatch.from_pylist(batch, SCHEMA))


def _write_csv(path: Path, rows: Iterator[dict[str, object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(SCHEMA.names)
        writer.writerows([_text(row[name]) for name in SCHEMA.names] for row in rows)


def _text(cell: object) -> object:
    """As FOCUS writes it: a null is empty, numbers have no exponent, instants end in Z."""
    if isinstance(cell, Decimal):
        return plain(cell)
    if isinstance(cell, datetime):
        return cell.isoformat().replace("+00:00", "Z")
    if isinstance(cell, bool):
        return str(cell).lower()
    return cell


WRITERS: Mapping[str, Callable[[Path, Iterator[dict[str, object]]], None]] = {
    ".parquet": _write_parquet,
    ".csv": _write_csv,
}
