"""The same sums, counts and monthly distinct counts by polars and by chDB (ClickHouse in process).

Both read the same Parquet files, apply the same rules of refusal, repetition and correction, and
write the readings of the additive and the distinct meters to a Parquet file, so that they can be
compared row by row. They keep no events table and leave out levels and maxima: less work than the
floor's.
"""

import csv
import json
import os
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.floor import landed_files
from benchmarks.generate import ROOT
from python_ext.settings import from_environment

Meter = dict[str, str]

COMPARED = ("sum", "count", "count_distinct")
COLUMNS = (
    "tenant_id",
    "meter_id",
    "window_start_at",
    "pack_id",
    "environment",
    "business_unit_id",
    "quantity",
    "event_count",
)
DETAIL = (
    "feature",
    "pack",
    "env",
    "actor_type",
    "actor_id",
    "business_unit",
    "corrects_event_id",
)
CLASS = ("category", "event_type", "pack_id", "environment", "actor_type")


def by_polars(landing: Path, catalogue: Path, out: Path) -> None:
    """Write the readings that polars comes to."""
    # Only make bench installs it, so the type checker may not find it.
    import polars as pl  # type: ignore[import-not-found, unused-ignore]

    files = landed_files(landing)
    detail = pl.Struct(dict.fromkeys(DETAIL, pl.String))
    tenants = [row["tenant_id"] for row in _rows(catalogue / "tenants.csv")]
    categories = {r["category"]: r["default_pack_id"] for r in _rows(_seed("event_categories"))}
    features = {r["feature_id"]: r["pack_id"] for r in _rows(_seed("features"))}

    few = pl.Categorical()
    """A text of which there are few: four bytes a row instead of sixteen and more."""

    def text(name: str) -> pl.Expr:
        stripped = pl.col(name).str.strip_chars(" ")
        return pl.when(stripped != "").then(stripped)

    def field(name: str) -> pl.Expr:
        value = pl.col("detail").struct.field(name)
        return pl.when(value != "").then(value)

    quantity = text("quantity")
    typed = (
        pl.scan_parquet(files, include_file_paths="landed_file", row_index_name="line_order")
        .with_columns(pl.col("metadata").str.json_decode(detail).alias("detail"))
        .select(
            "line_order",
            text("id").alias("event_id"),
            text("tenant_id").alias("tenant_id"),
            text("category").alias("category"),
            text("type").alias("event_type"),
            pl.coalesce(
                field("pack"),
                field("feature").replace_strict(features, default=None, return_dtype=pl.String),
                pl.col("category").replace_strict(categories, default=None, return_dtype=pl.String),
                pl.lit("(none)"),
            ).alias("pack_id"),
            pl.coalesce(field("env"), pl.lit("production")).alias("environment"),
            pl.coalesce(field("actor_type"), pl.lit("(none)")).alias("actor_type"),
            pl.coalesce(field("business_unit"), pl.lit("(none)")).alias("business_unit_id"),
            field("actor_id").alias("actor_id"),
            field("corrects_event_id").alias("corrects_event_id"),
            pl.when(quantity.str.contains(r"^[+-]?[0-9]+([.][0-9]{1,9})?$"))
            .then(quantity)
            .cast(pl.Decimal(22, 9), strict=False)
            .alias("quantity"),
            text("timestamp")
            .str.to_datetime("%Y-%m-%dT%H:%M:%S%.fZ", time_unit="us", strict=False)
            .alias("event_at"),
            pl.col("landed_file")
            .str.extract(r"landed=([0-9TZ]+)")
            .str.to_datetime("%Y%m%dT%H%M%SZ", time_unit="us")
            .alias("landed_at"),
        )
        .filter(
            pl.col("event_id").is_not_null(),
            pl.col("event_type").is_not_null(),
            pl.col("quantity").is_not_null(),
            pl.col("event_at") >= datetime(2000, 1, 1),
            pl.col("event_at") <= pl.col("landed_at") + timedelta(minutes=5),
            pl.col("tenant_id").is_in(tenants),
            pl.col("category").is_in(list(categories)),
        )
        .drop("landed_at")
        .with_columns(pl.col("tenant_id", *CLASS, "business_unit_id", "actor_id").cast(few))
        .collect(engine="streaming")
    )
    repeated = (
        typed.lazy()
        .group_by(pl.col("event_id").hash().alias("bucket"))
        .len()
        .filter(pl.col("len") > 1)
        .select("bucket")
        .collect(engine="streaming")
    )
    copies = (
        typed.lazy()
        .filter(pl.col("event_id").hash().is_in(repeated["bucket"].implode()))
        .select("event_id", "line_order")
        .filter(pl.col("line_order") > pl.col("line_order").min().over("event_id"))
        .collect()
    )
    events = typed.lazy().join(copies.lazy(), on="line_order", how="anti").collect()
    del typed
    correcting = events.filter(pl.col("corrects_event_id").is_not_null()).select(
        "tenant_id",
        pl.col("event_id").alias("correcting_id"),
        pl.col("corrects_event_id").alias("event_id"),
        pl.col("quantity").alias("correcting_quantity"),
    )
    resolved = (
        events.lazy()
        .select("event_id", "tenant_id", "event_at", "quantity")
        .join(correcting.lazy(), on=["event_id", "tenant_id"])
        .with_columns(
            (pl.col("quantity") + pl.col("correcting_quantity").sum().over("event_id")).alias("net")
        )
        .collect()
    )
    metered = (
        events.lazy()
        .join(
            resolved.lazy().select(
                pl.col("correcting_id").alias("event_id"),
                pl.col("event_at").alias("corrected_event_at"),
            ),
            on="event_id",
            how="left",
        )
        .join(
            resolved.lazy()
            .filter(pl.col("net") == 0)
            .select("event_id", pl.lit(True).alias("is_retracted"))
            .unique(),
            on="event_id",
            how="left",
        )
        .with_columns(
            (pl.col("corrected_event_at").is_null() & pl.col("is_retracted").is_null()).alias(
                "is_counted"
            ),
            pl.coalesce("corrected_event_at", "event_at").alias("metered_at"),
        )
    )
    dimensions = ["tenant_id", *CLASS, "business_unit_id"]
    hours = (
        metered.group_by(*dimensions, pl.col("metered_at").dt.truncate("1h").alias("hour"))
        .agg(
            pl.col("quantity").sum(),
            pl.col("is_counted").sum().cast(pl.Int64).alias("counted"),
            pl.len().cast(pl.Int64).alias("event_count"),
        )
        .collect(engine="streaming")
    )
    actors = (
        metered.filter(pl.col("actor_id").is_not_null())
        .group_by(*dimensions, "actor_id", pl.col("metered_at").dt.truncate("1mo").alias("month"))
        .agg(pl.col("is_counted").any(), pl.len().cast(pl.Int64).alias("event_count"))
        .collect(engine="streaming")
    )
    selected = pl.DataFrame(
        [
            {**dict(zip(CLASS, row, strict=True)), "meter_id": meter["meter_id"], "how": how}
            for row in hours.select(CLASS).unique().iter_rows()
            for meter in _rows(_seed("meters"))
            if (how := meter["aggregation"]) in COMPARED
            and _selects(meter, dict(zip(CLASS, row, strict=True)))
        ]
    ).with_columns(pl.col(CLASS).cast(few))
    key = ["tenant_id", "meter_id", "window_start_at", "pack_id", "environment", "business_unit_id"]
    as_of_at = _newest_stamp(files)
    added = (
        hours.lazy()
        .join(selected.lazy().filter(pl.col("how") != "count_distinct"), on=list(CLASS))
        .rename({"hour": "window_start_at"})
        .group_by(*key, "how")
        .agg(pl.col("quantity").sum(), pl.col("counted").sum(), pl.col("event_count").sum())
        .filter(pl.col("window_start_at") + timedelta(hours=2) <= as_of_at)
        .select(
            *key,
            pl.when(pl.col("how") == "sum")
            .then(pl.col("quantity"))
            .otherwise(pl.col("counted").cast(pl.Decimal(22, 9)))
            .alias("quantity"),
            "event_count",
        )
    )
    counted = (
        actors.lazy()
        .join(selected.lazy().filter(pl.col("how") == "count_distinct"), on=list(CLASS))
        .rename({"month": "window_start_at"})
        .group_by(*key)
        .agg(
            pl.col("actor_id").filter(pl.col("is_counted")).n_unique().alias("quantity"),
            pl.col("event_count").sum(),
        )
        .filter(pl.col("window_start_at").dt.offset_by("1mo") + timedelta(hours=1) <= as_of_at)
        .select(*key, pl.col("quantity").cast(pl.Decimal(22, 9)), "event_count")
    )
    readings = pl.concat([added, counted], how="vertical_relaxed")
    readings.with_columns(pl.col(key).exclude("window_start_at").cast(pl.String)).sink_parquet(out)


CLICKHOUSE_TYPED = """
create table typed engine = MergeTree order by tuple() as
with JSONExtract(metadata, 'Tuple(
    feature String, pack String, env String, actor_type String, actor_id String,
    business_unit String, corrects_event_id String
)') as detail
select
    _path as landed_file,
    _row_number as line_number,
    trim(ifNull(id, '')) as event_id,
    toLowCardinality(trim(ifNull(files.tenant_id, ''))) as tenant_id,
    toLowCardinality(trim(ifNull(files.category, ''))) as category,
    toLowCardinality(trim(ifNull(type, ''))) as event_type,
    toLowCardinality(multiIf(
        detail.pack != '', detail.pack,
        transform(detail.feature, {feature_ids}, {feature_packs}, '') != '',
        transform(detail.feature, {feature_ids}, {feature_packs}, ''),
        transform(category, {category_ids}, {category_packs}, '(none)')
    )) as pack_id,
    toLowCardinality(if(detail.env = '', 'production', detail.env)) as environment,
    toLowCardinality(if(detail.actor_type = '', '(none)', detail.actor_type)) as actor_type,
    toLowCardinality(if(detail.business_unit = '', '(none)', detail.business_unit))
        as business_unit_id,
    detail.actor_id as actor_id,
    detail.corrects_event_id as corrects_event_id,
    if(
        match(ifNull(quantity, ''), '^[+-]?[0-9]+([.][0-9]{{1,9}})?$'),
        toDecimal128OrNull(ifNull(quantity, ''), 9),
        null
    ) as typed_quantity,
    parseDateTime64BestEffortOrNull(ifNull(timestamp, ''), 6, 'UTC') as event_at
from file('{pattern}', Parquet) as files
where
    event_id != ''
    and event_type != ''
    and typed_quantity is not null
    and event_at >= toDateTime64('2000-01-01 00:00:00', 6, 'UTC')
    and event_at <= parseDateTimeBestEffort(extract(_path, 'landed=([0-9TZ]+)'), 'UTC')
        + interval 5 minute
    and tenant_id in {tenants}
    and category in {category_ids}
"""

CLICKHOUSE_REST = (
    """
create table copies engine = Memory as
select landed_file, line_number
from (
    select
        landed_file,
        line_number,
        row_number() over (partition by event_id order by landed_file, line_number) as copy_number
    from typed
    where cityHash64(event_id) in (
        select cityHash64(event_id) as bucket from typed group by bucket having count() > 1
    )
)
where copy_number > 1
""",
    """
create table events engine = MergeTree order by tuple() as
select * from typed where (landed_file, line_number) not in (select * from copies)
""",
    """
create table resolved engine = Memory as
select
    correcting.correcting_id as correcting_id,
    events.event_id as corrected_id,
    events.event_at as corrected_event_at,
    events.typed_quantity
        + sum(correcting.correcting_quantity) over (partition by events.event_id) as net
from events
inner join (
    select
        event_id as correcting_id, tenant_id, corrects_event_id,
        typed_quantity as correcting_quantity
    from events where corrects_event_id != ''
) as correcting
    on events.event_id = correcting.corrects_event_id and events.tenant_id = correcting.tenant_id
""",
    """
create view metered as
select
    events.*,
    resolved.correcting_id is null
    and event_id not in (select corrected_id from resolved where net = 0) as is_counted,
    coalesce(resolved.corrected_event_at, events.event_at) as metered_at
from events
left join (select distinct correcting_id, corrected_event_at from resolved) as resolved
    on events.event_id = resolved.correcting_id
""",
    """
create table hours engine = Memory as
select
    tenant_id, category, event_type, pack_id, environment, actor_type, business_unit_id,
    toStartOfHour(assumeNotNull(metered_at)) as hour_start_at,
    sum(typed_quantity) as quantity,
    countIf(is_counted) as counted,
    count() as event_count
from metered
group by
    tenant_id, category, event_type, pack_id, environment, actor_type, business_unit_id,
    hour_start_at
""",
    """
create table actors engine = Memory as
select
    tenant_id, category, event_type, pack_id, environment, actor_type, business_unit_id, actor_id,
    toStartOfMonth(assumeNotNull(metered_at)) as month_start_at,
    max(is_counted) as is_active,
    count() as event_count
from metered
where actor_id != ''
group by
    tenant_id, category, event_type, pack_id, environment, actor_type, business_unit_id, actor_id,
    month_start_at
""",
    "create table meters engine = Memory as select * from file('{meters}', CSVWithNames, "
    "'meter_id String, meter_name String, category String, event_type String, pack_id String, "
    "environment String, actor_type String, value_field String, aggregation String')",
    """
create table selected engine = Memory as
select classes.*, meters.meter_id as meter_id, meters.aggregation as aggregation
from (
    select distinct category, event_type, pack_id, environment, actor_type from hours
) as classes
cross join meters
where
    (meters.category = '' or has(splitByChar('|', meters.category), classes.category))
    and (meters.event_type = '' or has(splitByChar('|', meters.event_type), classes.event_type))
    and (meters.pack_id = '' or has(splitByChar('|', meters.pack_id), classes.pack_id))
    and (meters.environment = '' or has(splitByChar('|', meters.environment), classes.environment))
    and (meters.actor_type = '' or has(splitByChar('|', meters.actor_type), classes.actor_type))
""",
    """
insert into function file('{out}', Parquet)
select
    toString(tenant_id) as tenant_id, meter_id,
    toDateTime64(hour_start_at, 6, 'UTC') as window_start_at,
    toString(pack_id) as pack_id, toString(environment) as environment,
    toString(business_unit_id) as business_unit_id,
    toDecimal128(
        if(any(aggregation) = 'sum', sum(quantity), toDecimal128(sum(counted), 9)), 9
    ) as quantity,
    toInt64(sum(event_count)) as event_count
from hours
inner join selected using (category, event_type, pack_id, environment, actor_type)
where
    aggregation in ('sum', 'count')
    and hour_start_at + interval 2 hour <= toDateTime('{as_of_at}', 'UTC')
group by tenant_id, meter_id, hour_start_at, pack_id, environment, business_unit_id
union all
select
    toString(tenant_id) as tenant_id, meter_id,
    toDateTime64(month_start_at, 6, 'UTC') as window_start_at,
    toString(pack_id) as pack_id, toString(environment) as environment,
    toString(business_unit_id) as business_unit_id,
    toDecimal128(uniqExactIf(actor_id, is_active), 9) as quantity,
    toInt64(sum(event_count)) as event_count
from actors
inner join selected using (category, event_type, pack_id, environment, actor_type)
where
    aggregation = 'count_distinct'
    and toDateTime(month_start_at, 'UTC') + interval 1 month + interval 1 hour
    <= toDateTime('{as_of_at}', 'UTC')
group by tenant_id, meter_id, month_start_at, pack_id, environment, business_unit_id
""",
)


def by_chdb(landing: Path, catalogue: Path, out: Path) -> None:
    """Write the readings that ClickHouse comes to."""
    # Only make bench installs it, so the type checker may not find it.
    from chdb import session  # type: ignore[import-not-found, unused-ignore]

    files = landed_files(landing)
    features = {r["feature_id"]: r["pack_id"] for r in _rows(_seed("features"))}
    categories = {r["category"]: r["default_pack_id"] for r in _rows(_seed("event_categories"))}
    values = {
        "pattern": landing / "usage_events" / "*" / "events.parquet",
        "feature_ids": list(features),
        "feature_packs": list(features.values()),
        "category_ids": list(categories),
        "category_packs": list(categories.values()),
        "tenants": tuple(row["tenant_id"] for row in _rows(catalogue / "tenants.csv")),
        "meters": _seed("meters"),
        "as_of_at": f"{_newest_stamp(files):%Y-%m-%d %H:%M:%S}",
        "out": out,
    }
    out.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent) as folder:
        open_session: Any = session.Session
        clickhouse = open_session(folder)
        clickhouse.query(f"set max_threads = {from_environment(os.environ).threads}")
        clickhouse.query("set join_use_nulls = 1")
        clickhouse.query("create database bench engine = Atomic")
        clickhouse.query("use bench")
        clickhouse.query(CLICKHOUSE_TYPED.format(**values))
        for statement in CLICKHOUSE_REST:
            has_values = "'{" in statement
            clickhouse.query(statement.format(**values) if has_values else statement)
        clickhouse.close()


Engine = Callable[[Path, Path, Path], None]

ENGINES: Mapping[str, Engine] = {"polars": by_polars, "chdb": by_chdb}


def _seed(name: str) -> Path:
    return ROOT / "seeds" / "catalogue" / f"{name}.csv"


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))


def _selects(meter: Meter, values: dict[str, Any]) -> bool:
    return all(not meter[name] or values[name] in meter[name].split("|") for name in CLASS)


def _newest_stamp(files: list[str]) -> datetime:
    """Landing folders sort by their stamps, so the last file is the newest."""
    stamp = Path(files[-1]).parent.name.removeprefix("landed=")
    return datetime.strptime(stamp, "%Y%m%dT%H%M%SZ")


def main(
    engine: Annotated[str, typer.Argument(help="polars or chdb")],
    landing: Annotated[Path, typer.Argument(help="Folder that holds usage_events/.")],
    catalogue: Annotated[Path, typer.Argument(help="Folder that holds tenants.csv.")],
    out: Annotated[Path, typer.Argument(help="Parquet file to write.")],
) -> None:
    """Run one engine; the answer on standard output is JSON."""
    started = time.monotonic()
    ENGINES[engine](landing, catalogue, out.resolve())
    typer.echo(json.dumps({"seconds": time.monotonic() - started}))


if __name__ == "__main__":
    typer.run(main)
