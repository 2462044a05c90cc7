"""The floor: the same readings from the same files by one hand-written script.

It is what a careful person would write who has to do this once: no incremental state, no versions,
no contracts; a handful of statements in the order in which they are cheap. What it keeps is an
events table, the refused and the repeated lines, and the current readings.
"""

import json
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import duckdb
import typer
from rich.console import Console

from benchmarks.generate import ROOT
from python_ext.settings import from_environment

DETAIL = (
    '{"feature": "VARCHAR", "pack": "VARCHAR", "env": "VARCHAR", "actor_type": "VARCHAR",'
    ' "actor_id": "VARCHAR", "business_unit": "VARCHAR", "region": "VARCHAR", "bytes": "VARCHAR",'
    ' "corrects_event_id": "VARCHAR"}'
)

REFERENCE = """
create table tenants as select tenant_id from read_csv('{tenants}', all_varchar = true);
create table categories as
    select category, default_pack_id from read_csv('{categories}', all_varchar = true);
create table features as
    select feature_id, pack_id as feature_pack_id from read_csv('{features}', all_varchar = true);
create table meters as select * from read_csv('{meters}', types = {{
    'category': 'varchar', 'event_type': 'varchar', 'pack_id': 'varchar',
    'environment': 'varchar', 'actor_type': 'varchar',
    'effective_from_at': 'timestamp', 'effective_to_at': 'timestamp'
}});
create type known_tenant as enum (select tenant_id from tenants);
create type known_category as enum (select category from categories order by category);
create type known_feature as enum (select feature_id from features order by feature_id);
set variable category_packs =
    (select list(default_pack_id order by category) from categories);
set variable feature_packs =
    (select list(feature_pack_id order by feature_id) from features);
create table as_of as
    select max(strptime(regexp_extract(file, 'landed=([0-9TZ]+)', 1), '%Y%m%dT%H%M%SZ')) as as_of_at
    from (select unnest({files}) as file);
"""

READERS = {
    "parquet": "read_parquet({files}, filename = true, hive_partitioning = false)",
    "ndjson": """read_json(
        {files}, format = 'newline_delimited', filename = true, hive_partitioning = false,
        columns = {{
            id: 'varchar', tenant_id: 'varchar', timestamp: 'varchar', category: 'varchar',
            type: 'varchar', quantity: 'varchar', metadata: 'json'
        }}
    )""",
}

# Rows stay in the order of the files, so that the row number of the table is the landing order. A
# join would not keep it, so tenants, categories and features are looked up as values of an enum.
# What events are grouped by is one text, `class`: as eight columns it took eight times as long to
# write.
# Numbers and instants of the usual form take the cheap way, all others the exact one: casting text
# to a decimal wider than 18 digits, or to an instant with a zone, costs ten times as much.
LINES = """
create table lines as
with landed as (
    select
        filename as landed_file,
        strptime(
            regexp_extract(filename, 'landed=([0-9TZ]+)', 1), '%Y%m%dT%H%M%SZ'
        ) as landed_at,
        nullif(trim(id), '') as event_id,
        nullif(trim(tenant_id), '') as tenant_id,
        nullif(trim("timestamp"), '') as timestamp_text,
        nullif(trim(category), '') as category,
        nullif(trim(type), '') as event_type,
        nullif(trim(quantity), '') as quantity_text,
        cast(metadata as varchar) as metadata,
        try(from_json(metadata, '{detail}')) as detail
    from {reader}
),

typed as (
    select
        *,
        nullif(detail.feature, '') as feature_id,
        nullif(detail.pack, '') as named_pack_id,
        nullif(detail.actor_id, '') as actor_id,
        nullif(detail.corrects_event_id, '') as corrects_event_id,
        nullif(detail.bytes, '') as bytes_text,
        case
            when length(quantity_text) < 9 and regexp_full_match(quantity_text, '-?[0-9.]+')
                then try_cast(quantity_text as decimal(18, 9))
            when
                regexp_full_match(
                    quantity_text, '[+-]?[0-9]+([.][0-9]+)?([eE][+-]?[0-9]{{1,3}})?'
                )
                and length(rtrim(regexp_extract(quantity_text, '[.]([0-9]+)', 1), '0'))
                - coalesce(
                    try_cast(regexp_extract(quantity_text, '[eE](.+)$', 1) as integer), 0
                ) <= 9
                then try_cast(quantity_text as decimal(22, 9))
        end as quantity,
        case
            when regexp_full_match(detail.bytes, '[+-]?[0-9]{{1,18}}')
                then try_cast(detail.bytes as bigint)
            when
                regexp_full_match(
                    detail.bytes, '[+-]?[0-9]+([.][0-9]+)?([eE][+-]?[0-9]{{1,3}})?'
                )
                and length(rtrim(regexp_extract(detail.bytes, '[.]([0-9]+)', 1), '0'))
                - coalesce(
                    try_cast(regexp_extract(detail.bytes, '[eE](.+)$', 1) as integer), 0
                ) <= 0
                then cast(try_cast(detail.bytes as decimal(18, 0)) as bigint)
        end as byte_count,
        case
            when timestamp_text like '____-__-__T__:__:__.___Z'
                then try_cast(timestamp_text as timestamp)
            when
                regexp_full_match(
                    timestamp_text,
                    '[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}[Tt ][0-9]{{2}}:[0-9]{{2}}'
                    || '(:[0-9]{{2}}([.][0-9]+)?)?([Zz]|[+-][0-9]{{2}}(:?[0-9]{{2}})?)'
                )
                then timezone('UTC', try_cast(
                    case
                        when substring(timestamp_text, 17, 1) = ':' then timestamp_text
                        else substring(timestamp_text, 1, 16) || ':00'
                            || substring(timestamp_text, 17)
                    end as timestamptz
                ))
        end as event_at
    from landed
),

judged as (
    select
        *,
        concat_ws(
            '|',
            coalesce(category, ''),
            coalesce(event_type, ''),
            coalesce(
                named_pack_id,
                getvariable('feature_packs')[1 + enum_code(try_cast(feature_id as known_feature))],
                getvariable('category_packs')[1 + enum_code(try_cast(category as known_category))],
                '(none)'
            ),
            coalesce(nullif(detail.env, ''), 'production'),
            coalesce(nullif(detail.actor_type, ''), '(none)'),
            coalesce(nullif(detail.business_unit, ''), '(none)'),
            coalesce(feature_id, ''),
            coalesce(detail.region, '')
        ) as class,
        event_id is null
        or event_type is null
        or quantity is null
        or event_at is null
        or event_at < timestamp '2000-01-01'
        or event_at > landed_at + interval 5 minute
        or (bytes_text is not null and byte_count is null)
        or try_cast(tenant_id as known_tenant) is null
        or try_cast(category as known_category) is null as is_refused
    from typed
)

select
    landed_file,
    landed_at,
    event_id,
    tenant_id,
    class,
    actor_id,
    corrects_event_id,
    quantity,
    byte_count,
    metadata,
    event_at,
    is_refused,
    case when is_refused then category end as category,
    case when is_refused then event_type end as event_type,
    case when is_refused then timestamp_text end as timestamp_text,
    case when is_refused then quantity_text end as quantity_text,
    case when is_refused then bytes_text end as bytes_text
from judged
"""

REFUSED = """
create table refused as
select
    lines.*,
    concat_ws(
        ',',
        case when event_id is null then 'missing_id' end,
        case when lines.tenant_id is null then 'missing_tenant_id' end,
        case when timestamp_text is null then 'missing_timestamp' end,
        case when lines.category is null then 'missing_category' end,
        case when event_type is null then 'missing_type' end,
        case when quantity_text is null then 'missing_quantity' end,
        case
            when
                timestamp_text is not null
                and (event_at is null or event_at < timestamp '2000-01-01')
                then 'bad_timestamp'
        end,
        case when event_at > landed_at + interval 5 minute then 'future_timestamp' end,
        case
            when
                (quantity_text is not null and quantity is null)
                or (bytes_text is not null and byte_count is null)
                then 'bad_quantity'
        end,
        case
            when lines.tenant_id is not null and tenants.tenant_id is null then 'unknown_tenant'
        end,
        case
            when lines.category is not null and categories.category is null
                then 'unknown_category'
        end
    ) as reasons
from lines
left join tenants on lines.tenant_id = tenants.tenant_id
left join categories on lines.category = categories.category
where is_refused
"""

COPIES = """
create table copies as
with repeated as (
    select hash(event_id) as bucket
    from lines
    where not is_refused
    group by hash(event_id)
    having count(*) > 1
),

candidates as (
    select
        rowid as line_order,
        landed_file,
        event_id,
        md5(concat_ws(
            '|', tenant_id, event_at, split_part(class, '|', 1), split_part(class, '|', 2),
            quantity,
            list_sort(map_entries(try(from_json(metadata, '"MAP(VARCHAR, JSON)"'))))
        )) as content
    from lines
    where not is_refused and hash(event_id) in (select bucket from repeated)
),

ranked as (
    select
        *,
        row_number() over landing_order as copy_number,
        content = first_value(content) over landing_order as is_same_content
    from candidates
    window landing_order as (partition by event_id order by line_order)
)

select line_order, landed_file, event_id, is_same_content
from ranked
where copy_number > 1
"""

EVENTS = """
delete from lines where is_refused or rowid in (select line_order from copies);
alter table lines drop is_refused;
alter table lines drop category;
alter table lines drop event_type;
alter table lines drop timestamp_text;
alter table lines drop quantity_text;
alter table lines drop bytes_text;
alter table lines rename to events;
"""

CORRECTIONS = """
create table corrections as
with correcting as (
    select rowid as correcting_row, tenant_id, corrects_event_id, quantity
    from events
    where corrects_event_id is not null
)
select
    correcting.correcting_row,
    events.rowid as corrected_row,
    events.event_at as corrected_event_at,
    cast(
        events.quantity + sum(correcting.quantity) over (partition by events.rowid)
        as decimal(22, 9)
    ) as net_quantity
from events
inner join correcting
    on
        events.event_id = correcting.corrects_event_id
        and events.tenant_id = correcting.tenant_id
"""

METERED = """
create temp view metered as
select
    events.*,
    corrections.correcting_row is null
    and coalesce(corrected.net_quantity <> 0, true) as is_counted,
    coalesce(corrected.net_quantity, events.quantity) as net_quantity,
    coalesce(corrections.corrected_event_at, events.event_at) as metered_at
from events
left join corrections on events.rowid = corrections.correcting_row
left join (select distinct corrected_row, net_quantity from corrections) as corrected
    on events.rowid = corrected.corrected_row
"""

CLASSES = """
create table classes as
select
    class,
    hash(class) as class_key,
    split_part(class, '|', 1) as category,
    split_part(class, '|', 2) as event_type,
    split_part(class, '|', 3) as pack_id,
    split_part(class, '|', 4) as environment,
    split_part(class, '|', 5) as actor_type,
    split_part(class, '|', 6) as business_unit_id,
    split_part(class, '|', 7) as feature_id,
    split_part(class, '|', 8) as region
from (select distinct class from events)
"""

SELECTED = """
create temp table selected as
select
    class_key,
    meter_id,
    classes.pack_id,
    classes.environment,
    classes.business_unit_id,
    dense_rank() over (
        order by meter_id, classes.pack_id, classes.environment, classes.business_unit_id
    ) as target,
    aggregation,
    reading_window,
    effective_from_at,
    effective_to_at
from classes
inner join meters
    on
        (meters.category is null or meters.category = classes.category)
        and (
            meters.event_type is null
            or list_contains(string_split(meters.event_type, '|'), classes.event_type)
        )
        and (meters.pack_id is null or meters.pack_id = classes.pack_id)
        and (meters.environment is null or meters.environment = classes.environment)
        and (meters.actor_type is null or meters.actor_type = classes.actor_type);
create temp table targets as
select distinct
    target, meter_id, pack_id, environment, business_unit_id, aggregation, reading_window
from selected;
"""

HOURS = """
create temp table hours as
select
    tenant_id,
    hash(class) as class_key,
    date_trunc('hour', metered_at) as hour_start_at,
    sum(quantity) as quantity,
    count(*) filter (where is_counted) as counted,
    max(net_quantity) filter (where is_counted) as maximum,
    sum(byte_count) as byte_count,
    sum(cast(byte_count as hugeint) * date_diff(
        'microsecond', metered_at, date_trunc('hour', metered_at) + interval 1 hour
    )) as byte_microseconds,
    count(*) as event_count
from metered
group by all
"""

ACTORS = """
create temp table actor_months as
select
    tenant_id,
    hash(class) as class_key,
    actor_id,
    date_trunc('month', metered_at) as month_start_at,
    bool_or(is_counted) as is_active,
    count(*) as event_count
from metered
where actor_id is not null
group by all
"""

READINGS = """
create table readings as
with windows_added as (
    select
        tenant_id,
        target,
        case reading_window
            when '1h' then hour_start_at
            when '1d' then date_trunc('day', hour_start_at)
            else date_trunc('month', hour_start_at)
        end as window_start_at,
        case any_value(aggregation)
            when 'sum' then sum(quantity)
            when 'count' then sum(counted)
            else max(maximum)
        end as quantity,
        sum(event_count) as event_count
    from hours
    inner join selected using (class_key)
    where
        aggregation in ('sum', 'count', 'max')
        and hour_start_at >= effective_from_at
        and hour_start_at < effective_to_at
    group by tenant_id, target, reading_window, window_start_at
),

actors_counted as (
    select
        tenant_id,
        target,
        month_start_at as window_start_at,
        count(distinct actor_id) filter (where is_active) as quantity,
        sum(event_count) as event_count
    from actor_months
    inner join selected using (class_key)
    where aggregation = 'count_distinct'
    group by all
),

months as (
    select
        unnest(generate_series(
            timestamp '2000-01-01', date_trunc('month', as_of_at), interval 1 month
        )) as month_start_at
    from as_of
),

changes as (
    select
        tenant_id,
        target,
        date_trunc('month', hour_start_at) as month_start_at,
        sum(byte_count) as byte_count,
        sum(byte_microseconds + byte_count * date_diff(
            'microsecond',
            hour_start_at + interval 1 hour,
            date_trunc('month', hour_start_at) + interval 1 month
        )) as byte_microseconds,
        sum(event_count) as event_count
    from hours
    inner join selected using (class_key)
    where aggregation = 'time_weighted'
    group by all
),

levels as (
    select
        tenant_id,
        target,
        months.month_start_at as window_start_at,
        date_diff(
            'microsecond', months.month_start_at, months.month_start_at + interval 1 month
        ) as month_microseconds,
        sum(byte_microseconds) filter (where changes.month_start_at = months.month_start_at)
            as own_microseconds,
        sum(byte_count) filter (where changes.month_start_at < months.month_start_at) as opening,
        coalesce(
            sum(event_count) filter (where changes.month_start_at = months.month_start_at), 0
        ) as event_count
    from changes
    inner join months on changes.month_start_at <= months.month_start_at
    group by all
),

byte_months as (
    select
        *,
        coalesce(own_microseconds, 0) + coalesce(opening, 0) * month_microseconds as amount
    from levels
),

levels_held as (
    select
        * exclude (month_microseconds, own_microseconds, opening, amount),
        cast(
            (2 * abs(amount) + month_microseconds) // (2 * month_microseconds) * sign(amount)
            as decimal(29, 0)
        ) * 0.000000001 as quantity
    from byte_months
)

select
    tenant_id,
    meter_id,
    window_start_at,
    pack_id,
    environment,
    business_unit_id,
    cast(quantity as decimal(22, 9)) as quantity,
    cast(event_count as bigint) as event_count
from (
    select * from windows_added
    union all by name select * from actors_counted
    union all by name select * from levels_held
)
inner join targets using (target)
cross join as_of
where
    window_start_at
    + case reading_window
        when '1h' then interval 1 hour when '1d' then interval 1 day else interval 1 month
    end
    + interval 1 hour <= as_of_at
"""

STEPS = (
    ("read, parse and check", LINES),
    ("keep what was refused", REFUSED),
    ("find repeated lines", COPIES),
    ("keep events", EVENTS),
    ("resolve corrections", CORRECTIONS),
    ("join corrections", METERED),
    ("match meters", CLASSES + ";" + SELECTED),
    ("add up hours", HOURS),
    ("count actors", ACTORS),
    ("write readings", READINGS),
    ("checkpoint", "checkpoint"),
)


@dataclass(frozen=True)
class Floor:
    """What the script took, step by step, and what it found."""

    seconds: float
    steps: dict[str, float]
    events: int
    duplicates: int
    refused: int
    readings: int


def landed_files(landing: Path) -> list[str]:
    """The files of a landing folder in landing order; all are of one format."""
    paths = [path for path in (landing / "usage_events").rglob("events.*") if path.is_file()]
    return [str(path) for path in sorted(paths)]


def run(
    landing: Path, catalogue: Path, database: Path, threads: int = 2, memory: str = "5GB"
) -> Floor:
    """Build `database` anew from the files below `landing`; `catalogue` holds tenants.csv."""
    database.unlink(missing_ok=True)
    files = landed_files(landing)
    values = {
        "files": files,
        "reader": READERS["parquet" if files[0].endswith(".parquet") else "ndjson"].format(
            files=files
        ),
        "detail": DETAIL,
        "tenants": catalogue / "tenants.csv",
        "meters": _seed("meters"),
        "categories": _seed("event_categories"),
        "features": _seed("features"),
    }
    started = time.monotonic()
    with duckdb.connect(database, config={"storage_compatibility_version": "latest"}) as connection:
        connection.execute(
            f"set threads = {threads}; set memory_limit = '{memory}'; set TimeZone = 'UTC'; "
            # Row numbers must not move before the last step.
            "set checkpoint_threshold = '1TB'"
        )
        steps = dict(_timed(connection, [("reference", REFERENCE), *STEPS], values))
        seconds = time.monotonic() - started
        [[events, refused, duplicates, readings]] = connection.execute(
            """
            select
                (select count(*) from events),
                (select count(*) from refused)
                + (select count(*) from copies where not is_same_content),
                (select count(*) from copies where is_same_content),
                (select count(*) from readings)
            """
        ).fetchall()
    return Floor(seconds, steps, events, duplicates, refused, readings)


def _seed(name: str) -> Path:
    return ROOT / "seeds" / "catalogue" / f"{name}.csv"


def _timed(
    connection: duckdb.DuckDBPyConnection,
    steps: Sequence[tuple[str, str]],
    values: dict[str, object],
) -> Iterator[tuple[str, float]]:
    for name, text in steps:
        started = time.monotonic()
        has_values = name in ("reference", "read, parse and check")
        connection.execute(text.format(**values) if has_values else text)
        yield name, time.monotonic() - started


def main(
    landing: Annotated[Path, typer.Argument(help="Folder that holds usage_events/.")],
    catalogue: Annotated[Path, typer.Argument(help="Folder that holds tenants.csv.")],
    database: Annotated[Path, typer.Argument(help="DuckDB file to write.")],
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """Run the floor and say what each step took."""
    settings = from_environment(os.environ)
    floor = run(landing, catalogue, database, settings.threads, settings.memory)
    if as_json:
        typer.echo(json.dumps(asdict(floor)))
        return
    console = Console()
    for name, seconds in floor.steps.items():
        console.print(f"{seconds:8.2f}  {name}")
    console.print(
        f"{floor.seconds:8.2f}  in all: {floor.events:,} events, {floor.duplicates:,} duplicates, "
        f"{floor.refused:,} refused, {floor.readings:,} readings"
    )


if __name__ == "__main__":
    typer.run(main)
