"""What rating comes to in polars, in whole billionths: quantities are whole in this benchmark."""

import sys
import time
from pathlib import Path

import duckdb

# Only make bench installs it, so the type checker may not find it.
import polars as pl  # type: ignore[import-not-found, unused-ignore]

LINES = """
    select
        contract_line_id, tenant_id, meter_id, plan_line_id, charge_model,
        cast(free_quantity as bigint) as free,
        cast(coalesce(package_size, 1) as bigint) as size, segment_start_at, segment_end_at
    from fct_contract_lines
"""
HOURS = """
    select tenant_id, meter_id, hour_start_at, cast(quantity as bigint) as quantity
    from fct_meter_hours
"""
TIERS = """
    select
        plan_line_id, tier_number, cast(above_quantity as bigint) as above,
        cast(least(up_to_quantity, 1000000000) as bigint) as up_to,
        cast(cast(unit_price as decimal(38, 9)) * 1000000000 as bigint) as price,
        cast(cast(flat_amount as decimal(38, 9)) * 1000000000 as bigint) as flat
    from fct_plan_tiers
    where plan_line_id like 'bench@1:%'
"""
DISCOUNTS = """
    select contract_line_id, cast(share_left_ratio * 1000 as bigint) as share
    from fct_contract_discounts
"""


def rate(database: Path) -> tuple[float, int, int]:
    """Seconds without reading, the sum of all amounts in billionths, and how many there are."""
    with duckdb.connect(database, read_only=True) as connection:
        lines, hours, tiers, discounts = (
            pl.DataFrame(connection.execute(query).to_arrow_table())
            for query in (LINES, HOURS, TIERS, DISCOUNTS)
        )
    started = time.monotonic()
    begun = (pl.col("units") + pl.col("size") - 1) // pl.col("size")
    used = (
        lines.join(hours, on=["tenant_id", "meter_id"])
        .filter(
            (pl.col("hour_start_at") >= pl.col("segment_start_at"))
            & (pl.col("hour_start_at") < pl.col("segment_end_at"))
        )
        .group_by("contract_line_id", "plan_line_id", "charge_model", "size", "free")
        .agg(pl.col("quantity").sum())
        .with_columns((pl.col("quantity") - pl.col("free")).clip(lower_bound=0).alias("units"))
        .with_columns(
            pl.when(pl.col("charge_model") == "package")
            .then(begun)
            .otherwise(pl.col("units"))
            .alias("units"),
            pl.col("charge_model").is_in(["volume", "stairstep"]).alias("is_top"),
        )
    )
    in_tier = pl.min_horizontal("units", "up_to") - pl.col("above")
    units = pl.when(pl.col("is_top")).then(pl.col("units")).otherwise(in_tier)
    net = (
        used.join(tiers, on="plan_line_id")
        .filter(
            ((pl.col("tier_number") == 1) | (pl.col("units") > pl.col("above")))
            & (~pl.col("is_top") | (pl.col("units") <= pl.col("up_to")))
        )
        .with_columns((units * pl.col("price") + pl.col("flat")).alias("amount"))
        .group_by("contract_line_id")
        .agg(pl.col("amount").sum())
        .join(discounts, on="contract_line_id", how="left")
        .with_columns(
            pl.when(pl.col("share").is_null())
            .then(pl.col("amount"))
            .otherwise((pl.col("amount") * pl.col("share") + 500) // 1000)
            .alias("amount")
        )
    )
    return time.monotonic() - started, int(net["amount"].sum()), net.height


if __name__ == "__main__":
    # The benchmark that starts this process reads what it prints.
    print(*rate(Path(sys.argv[1])))  # noqa: T201
