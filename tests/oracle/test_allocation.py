"""Cost is conserved: the models of the allocation chapter on drawn pools, rules and usage.

dbt compiles the models once; each example runs their SQL in memory on the tables that it draws.
"""

import contextlib
import random
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from dbt.cli.main import dbtRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from python_ext.settings import from_environment

MODELS = (
    "int_cost__pools_computed",
    "dim_allocation_shares",
    "int_cost__parcels_handed_on",
    "fct_cost_drivers",
    "int_cost__direct_weighed",
    "int_cost__targets_driven",
    "fct_cost_targets",
    "int_cost__parcels_used",
    "int_cost__parcels_split",
    "int_cost__parts_computed",
    "fct_cost_pools",
    "int_cost__parts_booked",
    "fct_cost_allocations",
    "fct_unallocated_costs",
)
"""In the order in which each reads those before it."""

POOL = """
    cost_pool_id varchar, cost_month date, driver_month date, provider varchar,
    provider_invoice_id varchar, currency_code varchar, service_name varchar,
    internal_service varchar, cluster varchar, region varchar, resource_type varchar,
    cost_category varchar, pack_id varchar, capability_id varchar, tenant_id varchar,
    rule_id varchar, rule_version integer, allocation_method varchar, allocation_rule_id varchar,
    unallocated_reason varchar, allocation_rule_version integer
"""
AMOUNTS = "billed_cost_amount decimal(38, 12), effective_cost_amount decimal(38, 12)"
RANGE = "effective_from_at timestamp, effective_to_at timestamp"
TABLES = {
    "fct_cost_pool_slices": (
        f"{POOL}, slice_start_at timestamp, slice_end_at timestamp, {AMOUNTS},"
        " source_row_count bigint"
    ),
    "stg_catalogue__allocation_rules": (
        f"allocation_rule_id varchar, rule_version integer, driver_grain varchar,"
        f" zero_driver varchar, {RANGE}"
    ),
    "stg_catalogue__allocation_shares": (
        "allocation_rule_id varchar, rule_version integer, share_number integer,"
        " share_ratio decimal(16, 9), driver varchar, driver_meter_id varchar,"
        " next_allocation_rule_id varchar, tenant_ids varchar, same_as varchar,"
        " capacity_quantity decimal(22, 9)"
    ),
    "fct_meter_readings_to_date": (
        "tenant_id varchar, meter_id varchar, dimensions_key varchar, quantity decimal(38, 9),"
        " period_start_at timestamp"
    ),
    "dim_meter_series": "meter_id varchar, dimensions_key varchar, pack_id varchar",
    "fct_exchange_rates": "currency_code varchar, rate_month date, usd_per_unit decimal(18, 9)",
    "dim_tenants": "tenant_id varchar",
    "dim_contracts": "tenant_id varchar, start_date date, end_date date",
    "fct_cost_locks": "lock_id varchar, cost_month date, landed_file varchar",
    "stg_landing__cost_lock_pools": (
        f"lock_id varchar, landed_file varchar, {POOL}, {AMOUNTS}, source_row_count bigint"
    ),
    "stg_landing__cost_lock_parts": (
        "lock_id varchar, landed_file varchar, cost_pool_id varchar, share_path varchar,"
        " tenant_id varchar, pack_id varchar, unallocated_reason varchar,"
        f" driver_quantity decimal(38, 9), share_ratio decimal(38, 12), {AMOUNTS}"
    ),
}
"""What the models read, by name: their columns."""

MONTH, NEXT_MONTH = datetime(2026, 1, 1), datetime(2026, 2, 1)
TENANTS = ("ada", "bo", "cy")
EVER = {"effective_from_at": datetime(2024, 1, 1), "effective_to_at": datetime(9999, 12, 31)}
RULES = ("r0", "r1", "r2", "r3")

Rows = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def compiled() -> Mapping[str, str]:
    """Each model's SQL, for a database in memory."""
    root = from_environment({}).root
    with contextlib.chdir(root):
        outcome = dbtRunner().invoke(
            ["--quiet", "compile", "--no-write-json", "--target", "memory", "--select", *MODELS]
        )
    assert outcome.success, outcome.exception
    results: Any = outcome.result
    found = {result.node.name: str(result.node.compiled_code) for result in results.results}
    return {name: found[name] for name in MODELS}


def quantities(least: int) -> st.SearchStrategy[Decimal]:
    return st.decimals(least, 10**12, places=9, allow_nan=False)


money = st.one_of(
    st.decimals(-(10**9), 10**9, places=12, allow_nan=False),
    st.integers(-30, 30).map(lambda units: Decimal(units).scaleb(-12)),
)


@st.composite
def worlds(draw: st.DrawFn) -> Rows:
    """Pools of one month, rules that hand cost on to later rules, and usage of any size."""
    rows: Rows = {name: [] for name in TABLES}
    rows["fct_exchange_rates"] = [
        {"currency_code": code, "rate_month": MONTH.date(), "usd_per_unit": rate}
        for code, rate in (("USD", Decimal(1)), ("EUR", Decimal("1.1")))
    ]
    rows["dim_tenants"] = [{"tenant_id": tenant} for tenant in TENANTS]
    rows["dim_contracts"] = [
        {"tenant_id": tenant, "start_date": date(2025, 1, 1), "end_date": date(2027, 1, 1)}
        for tenant in draw(st.sets(st.sampled_from(TENANTS)))
    ]
    for meter in ("m0", "m1"):
        rows["dim_meter_series"].append(
            {"meter_id": meter, "dimensions_key": "d", "pack_id": "core"}
        )
        rows["fct_meter_readings_to_date"] += [
            {
                "tenant_id": tenant,
                "meter_id": meter,
                "dimensions_key": "d",
                "quantity": draw(quantities(-5)),
                "period_start_at": MONTH.replace(day=day),
            }
            for tenant in draw(st.sets(st.sampled_from(TENANTS)))
            for day in draw(st.sets(st.integers(1, 3), min_size=1))
        ]
    for index, name in enumerate(RULES):
        rows["stg_catalogue__allocation_rules"].append(
            {
                "allocation_rule_id": name,
                "rule_version": 1,
                "driver_grain": draw(st.sampled_from(("day", "month"))),
                "zero_driver": draw(st.sampled_from(("unallocated", "even"))),
                **EVER,
            }
        )
        left = 10**9
        for number in range(1, draw(st.integers(1, 3)) + 1):
            nanos = draw(st.integers(0, left))
            left -= nanos
            later = RULES[index + 1 :]
            driver = draw(
                st.sampled_from(("meter", "direct_cost", "even", *(["rule"] if later else [])))
            )
            is_metered, is_narrow = driver == "meter", driver != "rule" and draw(st.booleans())
            has_capacity = is_metered and draw(st.booleans())
            rows["stg_catalogue__allocation_shares"].append(
                {
                    "allocation_rule_id": name,
                    "rule_version": 1,
                    "share_number": number,
                    "share_ratio": Decimal(nanos).scaleb(-9),
                    "driver": driver,
                    "driver_meter_id": draw(st.sampled_from(("m0", "m1"))) if is_metered else None,
                    "next_allocation_rule_id": (
                        draw(st.sampled_from(later)) if driver == "rule" else None
                    ),
                    "tenant_ids": "ada|cy" if is_narrow else None,
                    "same_as": (
                        draw(st.sampled_from((None, "provider|cluster", "pack")))
                        if driver == "direct_cost"
                        else None
                    ),
                    "capacity_quantity": draw(quantities(1)) if has_capacity else None,
                }
            )
    for number in range(draw(st.integers(1, 4))):
        method = draw(st.sampled_from(("shared", "shared", "direct", "idle", "unallocated")))
        pool = {
            "cost_pool_id": f"pool-{number}",
            "cost_month": MONTH.date(),
            "driver_month": MONTH.date(),
            "provider": draw(st.sampled_from(("AWS", "Lumen"))),
            "currency_code": draw(st.sampled_from(("USD", "EUR", "XXX"))),
            "cluster": draw(st.sampled_from((None, "eu"))),
            "pack_id": draw(st.sampled_from((None, "revops"))),
            "tenant_id": draw(st.sampled_from(TENANTS)) if method == "direct" else None,
            "allocation_method": method,
            "allocation_rule_id": draw(st.sampled_from(RULES)) if method == "shared" else None,
            "unallocated_reason": "no_rule" if method == "unallocated" else None,
            "source_row_count": 1,
        }
        for day in draw(st.sets(st.integers(1, 3), min_size=1)):
            rows["fct_cost_pool_slices"].append(
                {
                    **pool,
                    "slice_start_at": MONTH.replace(day=day),
                    "slice_end_at": draw(st.sampled_from((MONTH.replace(day=4), NEXT_MONTH))),
                    "billed_cost_amount": draw(money),
                    "effective_cost_amount": draw(money),
                }
            )
    return rows


def run(compiled: Mapping[str, str], rows: Rows) -> dict[str, list[tuple[Any, ...]]]:
    """What the models make of the rows: allocations, what has no home, and pools."""
    with contextlib.closing(duckdb.connect()) as connection:
        for name, columns in TABLES.items():
            connection.execute(f"create table {name} ({columns})")
            for row in rows[name]:
                marks = ", ".join("?" * len(row))
                connection.execute(
                    f"insert into {name} ({', '.join(row)}) values ({marks})", list(row.values())
                )
        for name, sql in compiled.items():
            connection.execute(f"create table {name} as {sql}")
        return {
            name: connection.execute(f"select * from {name} order by all").fetchall()
            for name in ("fct_cost_allocations", "fct_unallocated_costs", "fct_cost_pools")
        } | {"differences": connection.execute(DIFFERENCES).fetchall()}


DIFFERENCES = """
    select cost_pool_id, sum(billed), sum(effective)
    from (
        select cost_pool_id, billed_cost_amount as billed, effective_cost_amount as effective
        from fct_cost_allocations
        union all
        select cost_pool_id, billed_cost_amount, effective_cost_amount from fct_unallocated_costs
        union all
        select cost_pool_id, -billed_cost_amount, -effective_cost_amount from fct_cost_pool_slices
    )
    group by cost_pool_id
    having sum(billed) <> 0 or sum(effective) <> 0
"""


@settings(max_examples=25, deadline=None)
@given(worlds(), st.integers(0, 2**32))
def test_every_pool_is_given_away_whole_and_in_any_order(
    compiled: Mapping[str, str], rows: Rows, seed: int
) -> None:
    result = run(compiled, rows)
    assert result["differences"] == []
    shuffled = {name: random.Random(seed).sample(each, len(each)) for name, each in rows.items()}
    assert run(compiled, shuffled) == result


def signs(amounts: Iterator[Decimal]) -> set[int]:
    return {(amount > 0) - (amount < 0) for amount in amounts} - {0}


@settings(max_examples=15, deadline=None)
@given(worlds(), money)
def test_no_part_has_another_sign_than_its_pool_unless_a_capacity_is_exceeded(
    compiled: Mapping[str, str], rows: Rows, amount: Decimal
) -> None:
    for share in rows["stg_catalogue__allocation_shares"]:
        share["capacity_quantity"] = None
    for pool in rows["fct_cost_pool_slices"]:
        pool["billed_cost_amount"] = pool["effective_cost_amount"] = amount
    result = run(compiled, rows)
    parts = (row[-2] for row in result["fct_cost_allocations"])
    assert signs(parts) <= signs(iter([amount]))
