"""Usage events in any number, the same on every run: a pure function of the line's number.

A line of a thousand is refused, one corrects an earlier line, ten repeat an earlier line exactly
and the others are plain; one plain line in a hundred is late. What a repeated line says follows
from the number of the line it repeats, so that nothing is looked up and any hour can be written on
its own.
"""

import csv
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal

import duckdb
import typer

Format = Literal["parquet", "ndjson"]

ROOT = Path(__file__).resolve().parent.parent
LAST_HOUR_ENDS_AT = datetime(2026, 4, 15, 12, tzinfo=UTC)
"""Noon in mid-month: the hour that comes next closes neither a day nor a month."""

LANDING_DELAY = timedelta(minutes=5)
TENANT_COUNT = 200
HUMANS = 6000
"""People of all tenants together; a tenant has five at least."""

FOLDERS: dict[Format, str] = {"parquet": "landing", "ndjson": "landing_ndjson"}
INCREMENTS: dict[Format, str] = {"parquet": "increment", "ndjson": "increment_ndjson"}
FILE_NAMES: dict[Format, str] = {"parquet": "events.parquet", "ndjson": "events.ndjson.gz"}


@dataclass(frozen=True)
class Shape:
    """`events` lines in the last `hours` hours before noon of the last day, and the next hour."""

    events: int
    hours: int = 90 * 24
    increment: int = 100_000


@dataclass(frozen=True)
class Kind:
    """One kind of event: `per_mille` of all; quantities lie from `least` to `most` hundredths."""

    category: str
    event_type: str
    feature: str
    per_mille: int
    least: int = 100
    most: int = 100
    human_percent: int = 60
    is_whole: bool = True


KINDS = (
    Kind("companyos_core", "graph_query", "graph_explorer", 170, 100, 2000),
    Kind("companyos_core", "policy_decision", "policy_engine", 140, 100, 500, 40),
    Kind("companyos_core", "workflow_run", "workflow_engine", 120),
    Kind("companyos_core", "switchboard_session", "switchboard", 80, human_percent=100),
    Kind("companyos_core", "evidence_written", "evidence_ledger", 60),
    Kind("companyos_core", "evidence_deleted", "evidence_ledger", 15),
    Kind("revops", "lead_routed", "lead_router", 70, 100, 300),
    Kind("revops", "deal_processed", "deal_desk", 40, human_percent=90),
    Kind("revops", "policy_decision", "revops_policies", 40, 100, 500, 40),
    Kind("high_risk_ops", "request_created", "high_risk_console", 40, human_percent=90),
    Kind("high_risk_ops", "operation_executed", "high_risk_console", 35),
    Kind("high_risk_ops", "policy_decision", "high_risk_policies", 20, 100, 500, 40),
    Kind("high_risk_ops", "manual_effort_saved", "high_risk_console", 15, 5, 800, is_whole=False),
    Kind("high_risk_ops", "evidence_written", "high_risk_evidence", 20),
    Kind("high_risk_ops", "evidence_deleted", "high_risk_evidence", 5),
    Kind("platform", "api_call", "api_gateway", 120, 100, 50000, 10),
    Kind("platform", "component_inventory", "component_registry", 10, 5000, 500000, 0),
)

REGIONS = ("us-east", "eu-west", "eu-central", "ap-northeast", "ca-central")
REFUSALS = (
    "bad_quantity",
    "unknown_tenant",
    "missing_type",
    "future_timestamp",
    "unknown_category",
    "bad_timestamp",
    "missing_id",
    "conflict",
)

DRAW = "create temp macro draw(line, what, size) as (hash(line, what) % size::ubigint)::bigint"

NUMBERED = """
create or replace temp table numbered as
with lines as (
    select hour, unnest(range(first_line, first_line + line_count)) as line
    from hours
    where hour >= {first} and hour < {last}
),

roles as (
    select
        *,
        line // 1000 as block,
        case
            when line < 1000 then 'plain'
            when line % 1000 = 0 then [{refusals}][1 + draw(line, 'refusal', {refusal_count})]
            when line % 1000 = 1 then 'correction'
            when line % 1000 < 12 then 'duplicate'
            else 'plain'
        end as role
    from lines
),

-- Half of the repeated lines are retries of the last fifty thousand, half may be of any age.
earlier as (
    select
        *,
        case
            when draw(line, 'age', 2) = 0 then block - 1 - draw(line, 'block', least(50, block))
            else draw(line, 'block', block)
        end * 1000 + 12 + draw(line, 'slot', 988) as earlier_line
    from roles
)

select
    hour,
    line,
    role,
    case when role in ('correction', 'duplicate', 'conflict') then earlier_line else line end
        as source
from earlier
"""

DRAWN = """
create or replace temp table drawn as
with placed as (
    select
        numbered.*,
        hours.hour_start_at,
        hours.first_line,
        hours.line_count,
        draw(source, 'tenant', 10000) as tenant_slot,
        draw(source, 'kind', 1000) as kind_slot,
        draw(source, 'person', 1000003) / 1000003 as person_draw,
        draw(source, 'size', 1000003) / 1000003 as size_draw,
        draw(source, 'actor', 100) as actor_draw,
        draw(source, 'env', 100) as environment_draw,
        draw(source, 'jitter', 3600000) as jitter_draw,
        draw(source, 'late', 100) = 0 as is_late,
        draw(source, 'lateness', 1000003) / 1000003 as lateness_draw,
        draw(line, 'part', 100) as part_draw
    from numbered
    asof join hours on numbered.source >= hours.first_line
),

timed as (
    select
        *,
        hour_start_at
        + to_milliseconds(
            ((source - first_line) * 3600000 + jitter_draw) // line_count
            - case when is_late then least(
                7200000 + floor(pow(lateness_draw, 3) * 777600000)::bigint,
                epoch_ms(hour_start_at) - epoch_ms({start})
            ) else 0 end
        ) as source_event_at
    from placed
)

select
    timed.hour,
    timed.line,
    timed.role,
    'evt-' || lpad(to_hex(hash(case when role = 'correction' then line else source end)), 16, '0')
        as event_id,
    'evt-' || lpad(to_hex(hash(source)), 16, '0') as source_event_id,
    tenants.tenant_id,
    case
        when role = 'correction'
            then own.hour_start_at + to_milliseconds(
                (timed.line - own.first_line) * 3600000 // own.line_count
            )
        when role = 'future_timestamp' then source_event_at + interval 2 day
        else source_event_at
    end as event_at,
    kinds.category,
    kinds.event_type,
    case
        when kinds.is_whole
            then (least + floor((most - least) * pow(size_draw, 4)))::bigint // 100 * 100
        else (least + floor((most - least) * size_draw))::bigint
    end as hundredths,
    kinds.is_whole,
    case kinds.event_type
        when 'evidence_written' then floor(pow(2, 10 + 16 * size_draw))::bigint
        when 'evidence_deleted' then -floor(pow(2, 10 + 15 * size_draw))::bigint
    end as byte_count,
    kinds.feature,
    case when environment_draw < 95 then 'production' when environment_draw < 99 then 'staging'
        else 'development' end as environment,
    case
        when actor_draw < human_percent then 'user'
        when human_percent < 100 and actor_draw < 97 then 'service'
        when human_percent < 100 then null
        else 'user'
    end as actor_type,
    case
        when actor_draw < human_percent
            then 'user-' || tenants.tenant_id || '-'
                || floor(person_draw * person_draw * tenants.person_count)::integer
        else 'svc-' || kinds.event_type || '-' || floor(person_draw * 4)::integer
    end as actor_id,
    tenants.region,
    case when tenants.has_units then ['summit-engineering', 'summit-sales', 'summit-finance'][
        1 + floor(person_draw * 3)::integer] end as business_unit,
    part_draw
from timed
inner join tenant_slots on timed.tenant_slot = tenant_slots.slot
inner join tenants on tenant_slots.tenant_id = tenants.tenant_id
inner join kinds on timed.kind_slot >= kinds.slot_from and timed.kind_slot < kinds.slot_to
inner join hours as own on timed.hour = own.hour
"""

WRITTEN = """
create or replace temp table written as
with amounts as (
    select
        *,
        case
            when role = 'correction' and part_draw < 60 then -hundredths
            when role = 'correction' then -greatest(hundredths // 200 * 100, least(hundredths, 100))
            when role = 'conflict' then hundredths + 100
            else hundredths
        end as amount
    from drawn
)

select
    hour,
    line,
    case when role <> 'missing_id' then event_id end as id,
    case when role = 'unknown_tenant' then 'ghost-tenant' else tenant_id end as tenant_id,
    case
        when role = 'bad_timestamp' then 'yesterday'
        else strftime(event_at, '%Y-%m-%dT%H:%M:%S.%gZ')
    end as timestamp,
    case when role = 'unknown_category' then 'telemetry' else category end as category,
    case when role <> 'missing_type' then event_type end as type,
    case
        when role = 'bad_quantity' then 'n/a'
        when is_whole then (amount // 100)::varchar
        else (amount::decimal(18, 0) * 0.01)::varchar
    end as quantity,
    concat(
        '{"feature":"', feature, '","env":"', environment, '"',
        ',"actor_type":"' || actor_type || '","actor_id":"' || actor_id || '"',
        ',"region":"', region, '"',
        ',"business_unit":"' || business_unit || '"',
        ',"bytes":' || case when role = 'correction' then -byte_count else byte_count end,
        case when role = 'correction' then ',"corrects_event_id":"' || source_event_id || '"' end,
        '}'
    ) as metadata
from amounts
"""

COPIES: dict[Format, str] = {
    "parquet": """
copy (
    select id, tenant_id, "timestamp", category, type, quantity, metadata
    from written where hour = {hour} order by line
) to '{path}' (format parquet)
""",
    "ndjson": """
copy (
    select concat(
        '{{"id":', coalesce('"' || id || '"', 'null'),
        ',"tenant_id":"', tenant_id, '","timestamp":"', "timestamp",
        '","category":"', category,
        '","type":', coalesce('"' || type || '"', 'null'),
        ',"quantity":', case quantity when 'n/a' then '"n/a"' else quantity end,
        ',"metadata":', metadata, '}}'
    )
    from written where hour = {hour} order by line
) to '{path}' (format csv, header false, quote '', escape '', delimiter '\x01', compression gzip)
""",
}


def generate(shape: Shape, out: Path, formats: Sequence[Format] = ("parquet",)) -> None:
    """Write `shape` below `out`: landing folders, increments, and the catalogue laid over.

    `out/dataset.json` is written last and says what the folder holds; a folder that says the same
    is left as it is, any other is emptied first.
    """
    said = {**asdict(shape), "formats": sorted(formats), "duckdb": duckdb.__version__}
    mark = out / "dataset.json"
    if mark.is_file() and json.loads(mark.read_text()) == said:
        return
    for name in (*FOLDERS.values(), *INCREMENTS.values(), "catalogue"):
        shutil.rmtree(out / name, ignore_errors=True)
    mark.unlink(missing_ok=True)
    tenants = write_tenants(out / "catalogue")
    history = {format_: out / FOLDERS[format_] for format_ in formats}
    increment = {format_: out / INCREMENTS[format_] for format_ in formats}
    with duckdb.connect() as connection:
        connection.execute("set threads = 2; set TimeZone = 'UTC'; set memory_limit = '4GB'")
        connection.execute(DRAW)
        _set_up(connection, shape, tenants)
        for first in range(0, shape.hours, 24):
            _write_hours(connection, history, first, min(first + 24, shape.hours))
        _write_hours(connection, increment, shape.hours, shape.hours + 1)
    mark.write_text(json.dumps(said, indent=2) + "\n")


def write_tenants(folder: Path) -> list[tuple[str, str, bool]]:
    """The default tenants and as many more as there are to be; returns id, region, has units."""
    folder.mkdir(parents=True, exist_ok=True)
    with (ROOT / "seeds" / "catalogue" / "tenants.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    rows += [
        {
            "tenant_id": f"bench-{number:03d}",
            "tenant_name": f"Bench {number:03d}",
            "tier_id": "professional",
            "region": REGIONS[number % len(REGIONS)],
            "country_code": "US",
            "tax_region": "US-NY",
            "customer_kind": "business",
            "billing_currency_code": "USD",
            "is_internal": "false",
        }
        for number in range(TENANT_COUNT - len(rows))
    ]
    with (folder / "tenants.csv").open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return [(row["tenant_id"], row["region"], row["is_internal"] == "true") for row in rows]


def _set_up(
    connection: duckdb.DuckDBPyConnection, shape: Shape, tenants: Sequence[tuple[str, str, bool]]
) -> None:
    """The small tables that lines are drawn from: hours, tenants by Zipf's law, and kinds."""
    weights = [1 / (rank + 4) for rank in range(len(tenants))]
    share = [weight / sum(weights) for weight in weights]
    connection.execute(
        "create temp table tenants "
        "(tenant_id varchar, region varchar, has_units boolean, person_count integer)"
    )
    connection.executemany(
        "insert into tenants values (?, ?, ?, ?)",
        [(*tenant, 5 + int(HUMANS * part)) for tenant, part in zip(tenants, share, strict=True)],
    )
    ends = [round(10000 * sum(share[: rank + 1])) for rank in range(len(tenants))]
    connection.execute("create temp table tenant_slots (slot bigint, tenant_id varchar)")
    for start, end, (tenant_id, *_) in zip([0, *ends[:-1]], ends, tenants, strict=True):
        connection.execute(
            "insert into tenant_slots select unnest(range($1, $2)), $3", [start, end, tenant_id]
        )
    connection.execute(
        "create temp table kinds (category varchar, event_type varchar, feature varchar, "
        "slot_from bigint, slot_to bigint, least integer, most integer, human_percent integer, "
        "is_whole boolean)"
    )
    slot = 0
    for kind in KINDS:
        connection.execute(
            "insert into kinds values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                kind.category,
                kind.event_type,
                kind.feature,
                slot,
                slot + kind.per_mille,
                kind.least,
                kind.most,
                kind.human_percent,
                kind.is_whole,
            ],
        )
        slot += kind.per_mille
    connection.execute(
        f"""
        create temp table hours as
        with starts as (
            select
                hour,
                timestamp '{_start(shape):%Y-%m-%d %H:%M:%S}' + to_hours(hour) as hour_start_at
            from range({shape.hours}) as numbers (hour)
        ),
        weighed as (
            select
                *,
                sum((1 + 0.7 * sin((extract(hour from hour_start_at) - 8) * pi() / 12))
                    * case when isodow(hour_start_at) >= 6 then 0.5 else 1 end)
                    over (order by hour) as weight
            from starts
        ),
        bounded as (
            select *, round({shape.events} * weight / max(weight) over ())::bigint as end_line
            from weighed
        ),
        counted as (
            select
                hour,
                hour_start_at,
                coalesce(lag(end_line) over (order by hour), 0) as first_line,
                end_line
            from bounded
        )
        select hour, hour_start_at, first_line, end_line - first_line as line_count
        from counted where end_line > first_line
        union all
        select
            {shape.hours}, timestamp '{LAST_HOUR_ENDS_AT:%Y-%m-%d %H:%M:%S}',
            {shape.events}, {shape.increment}
        """
    )


def _start(shape: Shape) -> datetime:
    return LAST_HOUR_ENDS_AT - timedelta(hours=shape.hours)


def _write_hours(
    connection: duckdb.DuckDBPyConnection, folders: Mapping[Format, Path], first: int, last: int
) -> None:
    """Draw the lines of some hours, and write a batch of each hour in each format."""
    [[start]] = connection.execute("select min(hour_start_at) from hours").fetchall()
    connection.execute(
        NUMBERED.format(
            first=first,
            last=last,
            refusals=", ".join(f"'{name}'" for name in REFUSALS),
            refusal_count=len(REFUSALS),
        )
    )
    connection.execute(DRAWN.format(start=f"timestamp '{start}'"))
    connection.execute(WRITTEN)
    hours = connection.execute(
        "select hour, hour_start_at from hours where hour >= ? and hour < ? order by hour",
        [first, last],
    ).fetchall()
    for hour, hour_start_at in hours:
        landed_at = hour_start_at + timedelta(hours=1) + LANDING_DELAY
        for format_, landing in folders.items():
            folder = landing / "usage_events" / f"landed={landed_at:%Y%m%dT%H%M%SZ}"
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / FILE_NAMES[format_]
            connection.execute(COPIES[format_].format(hour=hour, path=path))


def main(
    out: Annotated[Path, typer.Argument(help="Folder to write.")],
    events: Annotated[int, typer.Option(help="Lines in all hours but the next.")] = 20_000_000,
    hours: Annotated[int, typer.Option(help="Hours that they fill.")] = 90 * 24,
    increment: Annotated[int, typer.Option(help="Lines of the next hour.")] = 100_000,
    ndjson: Annotated[bool, typer.Option("--ndjson", help="Write NDJSON as well.")] = False,
) -> None:
    """Write usage events for a benchmark."""
    formats: tuple[Format, ...] = ("parquet", "ndjson") if ndjson else ("parquet",)
    generate(Shape(events, hours, increment), out, formats)


if __name__ == "__main__":
    typer.run(main)
