"""FOCUS 1.2 statements in any number of rows: a pure function of the row's number.

Three providers write a Parquet file a month, each in its own way: AWS has decimals, instants and
tags as a map, Microsoft has decimals, timestamps without a zone and tags as JSON, Lumen Data has
text everywhere and bills in euros. What a row is about follows from its resource, so that tags
repeat as they do in life: 2,000 resources, of which a third serve one tenant each, each with a new
release every week.
"""

import csv
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from benchmarks.generate import DRAW, ROOT, TENANT_COUNT, write_tenants

FIRST_MONTH = (2025, 4)
MONTH_COUNT = 12
RESOURCE_COUNT = 2000
LANDING_DELAY = timedelta(days=4, hours=3)
"""After the end of the month that a statement is of."""


@dataclass(frozen=True)
class Provider:
    """Who sends statements, and the SQL by which it writes money, instants and tags."""

    key: str
    name: str
    currency: str
    money: str
    instant: str
    tags: str
    others: str


PROVIDERS = (
    Provider(
        "aws",
        "AWS",
        "USD",
        "cast({} as decimal(38, 12))",
        "timezone('UTC', {})",
        "cast(cast({} as json) as map(varchar, varchar))",
        """,
        '{"bundled": "0.00"}' as "x_Discounts",
        'RunInstances:' || draw(line, 'operation', 12) as "x_Operation",
        service_name as "x_ServiceCode"
        """,
    ),
    Provider(
        "microsoft",
        "Microsoft",
        "USD",
        "cast({} as decimal(38, 12))",
        "{}",
        "{}",
        """,
        cast(draw(line, 'batch', 40) as integer) as "x_BillingProfileBatch",
        case when draw(line, 'spot', 20) = 0 then 'Spot' end as "x_PricingSubcategory"
        """,
    ),
    Provider(
        "lumen",
        "Lumen Data",
        "EUR",
        "case when line % 10007 = 5 then 'n/a'"
        " else cast(cast({} as decimal(38, 12)) as varchar) end",
        "strftime({}, '%Y-%m-%dT%H:%M:%SZ')",
        "{}",
        "",
    ),
)


@dataclass(frozen=True)
class Service:
    """What a resource works for: tagged `name`, shared by the readings of `meter_id`.

    Without a pack its cost follows the usage into the packs.
    """

    name: str
    meter_id: str
    pack_id: str


METERS = (
    ("meter:policy_decisions", ""),
    ("companyos.workflow_runs", "companyos_core"),
    ("meter:evidence_gb_month", ""),
    ("companyos.graph_queries", "companyos_core"),
    ("companyos.switchboard_active_users", "companyos_core"),
    ("platform.api_calls", "companyos_core"),
    ("revops.leads_routed", "revops"),
    ("high_risk_ops.executions", "high_risk_ops"),
    ("platform.users", ""),
    ("revops.deals_processed", "revops"),
)
SERVICES = tuple(
    Service(f"service-{number:02d}", *METERS[number % len(METERS)]) for number in range(20)
)

RESOURCES = f"""
create or replace temp table resources as
with numbered as (
    select
        number as resource,
        number % 3 as provider,
        number // 3 as slot,
        draw(number, 'service', {len(SERVICES)}) as service,
        draw(number, 'product', 3) as product,
        draw(number, 'cluster', 2) as cluster_slot,
        draw(number, 'env', 20) as env_slot,
        case
            when number // 3 % 3 <> 0 then null
            when number // 9 * 3 + number % 3 < {TENANT_COUNT} then number // 9 * 3 + number % 3
            else (
                select min(tenant) from tenant_slots
                where slot > draw(number, 'tenant', 10000)
            )
        end as tenant
    from range({RESOURCE_COUNT}) as numbers (number)
)

select
    numbered.resource,
    numbered.provider,
    numbered.slot,
    ['Compute', 'Storage', 'Databases', 'Networking', 'Analytics'][
        1 + (service + product) % 5] as service_category,
    'Product ' || (service + product * 7) % 20 as service_name,
    format('service-{{:02d}}', service) as service_tag,
    'cluster-' || (service + cluster_slot) % 4 as cluster_tag,
    case when env_slot < 17 then 'production' when env_slot < 19 then 'staging'
        else 'development' end as env_tag,
    ['us-east-1', 'eu-west-1', 'eu-central-1', 'ap-northeast-1'][
        1 + (service + cluster_slot) % 4] as region,
    tenants.tenant_id
from numbered
left join tenants on numbered.tenant = tenants.tenant
"""

ROWS = """
create or replace temp table written as
with lines as (
    select line, draw(line, 'resource', {slots}) as slot, draw(line, 'role', 10000) as role_slot
    from range({first}, {last}) as numbers (line)
),

roles as (
    select
        *,
        case
            when role_slot < 100 then 'unused'
            when role_slot < 1100 then 'used'
            when role_slot < 1110 then 'purchase'
            when role_slot < 1210 then 'credit'
            else 'plain'
        end as role
    from lines
),

timed as (
    select
        roles.*,
        resources.* exclude (slot, provider),
        line % 3 = 0 as is_daily,
        timestamp '{month}' + to_hours(cast(
            case when line % 3 = 0 then (line - {first}) * {days} // ({last} - {first}) * 24
            else (line - {first}) * {days} * 24 // ({last} - {first}) end as bigint
        )) as start_at,
        case when line % 4 = 0 then (1 + draw(line, 'cost', 50000)) * 100000000
            else 1 + draw(line, 'cost', 5000000000000) end as picos,
        case
            when draw(line, 'untagged', 1000) < 5 then null
            when draw(line, 'unknown', 1000) = 0 then 'ghost-tenant'
            else coalesce(tenant_id, '')
        end as tenant_tag
    from roles
    inner join resources on resources.provider = {provider} and roles.slot = resources.slot
),

priced as (
    select
        *,
        cast(picos as decimal(19, 0)) * 0.000000000001 as list_cost,
        case role when 'used' then 0 when 'unused' then 0 when 'purchase' then 100
            when 'credit' then -1 else 1 end as billed_factor,
        case role when 'purchase' then 0 when 'credit' then -1 else 1 end as effective_factor,
        case when tenant_tag is not null then concat(
            '{{"cluster":"', cluster_tag, '","env":"', env_tag, '","owner":"team-', resource % 12,
            '","release":"', strftime(start_at, '%Y.%W'), '","service":"', service_tag, '"',
            case when tenant_tag <> '' then ',"tenant_id":"' || tenant_tag || '"' end, '}}'
        ) end as tags_text
    from timed
)

select * from priced
"""

COPY = """
copy (
    select
        '{name}' as "ProviderName", '{name}' as "PublisherName", '{name}' as "InvoiceIssuerName",
        'INV-{key}-{month:.7}' as "InvoiceId",
        '{key}-payer' as "BillingAccountId", 'Payer of {name}' as "BillingAccountName",
        'Payer' as "BillingAccountType", '{key}-' || resource % 7 as "SubAccountId",
        'Account ' || resource % 7 as "SubAccountName", 'Linked' as "SubAccountType",
        {month_start} as "BillingPeriodStart", {month_end} as "BillingPeriodEnd",
        {period_start} as "ChargePeriodStart", {period_end} as "ChargePeriodEnd",
        case role when 'credit' then 'Credit' when 'purchase' then 'Purchase' else 'Usage' end
            as "ChargeCategory",
        cast(null as varchar) as "ChargeClass",
        concat(service_name, ' in ', region, ', ', role) as "ChargeDescription",
        case role when 'purchase' then 'Recurring' else 'Usage-Based' end as "ChargeFrequency",
        {billed} as "BilledCost", {effective} as "EffectiveCost", {listed} as "ListCost",
        {contracted} as "ContractedCost", {list_price} as "ListUnitPrice",
        {list_price} as "ContractedUnitPrice",
        case when role in ('used', 'unused') then 'Committed' else 'Standard' end
            as "PricingCategory",
        {quantity} as "PricingQuantity", 'Hours' as "PricingUnit",
        '{currency}' as "PricingCurrency", '{currency}' as "BillingCurrency",
        {quantity} as "ConsumedQuantity", 'Hours' as "ConsumedUnit",
        service_name as "ServiceName", service_category as "ServiceCategory",
        service_category || ' in general' as "ServiceSubcategory",
        'sku-' || resource % 300 as "SkuId", 'Hours of use' as "SkuMeter",
        'price-' || resource % 300 as "SkuPriceId",
        '{{"CoreCount":' || resource % 16 || ',"OperatingSystem":"Linux"}}' as "SkuPriceDetails",
        '{key}:resource/' || resource as "ResourceId", 'resource-' || resource as "ResourceName",
        service_category || ' resource' as "ResourceType", region as "RegionId",
        region as "RegionName", region || 'ab'[1 + resource % 2] as "AvailabilityZone",
        case when role in ('used', 'unused', 'purchase') then '{key}:plan/' || resource % 20 end
            as "CommitmentDiscountId",
        case when role in ('used', 'unused', 'purchase') then 'Spend' end
            as "CommitmentDiscountCategory",
        case role when 'used' then 'Used' when 'unused' then 'Unused' end
            as "CommitmentDiscountStatus",
        cast(null as varchar) as "CapacityReservationId",
        {tags} as "Tags"{others}
    from written order by line
) to '{path}' (format parquet)
"""


DRIVERS = """
copy (
    with numbered as (
        select
            month, meter, tenants.tenant_id, pack,
            ((month * {meters} + meter) * {tenants} + tenants.tenant) * 2 + pack as number
        from range({months}) as months (month)
        cross join range({meters}) as meters (meter)
        cross join tenants
        cross join range(2) as packs (pack)
    )

    select
        tenant_id,
        {meter_ids}[1 + meter] as meter_id,
        ['companyos_core', 'high_risk_ops'][1 + pack] as pack_id,
        timestamp '{month}' + to_months(cast(month as integer)) as month_start_at,
        cast((1 + draw(number, 'quantity', 40000000)) * 0.001 as decimal(38, 9)) as quantity
    from numbered
    where draw(number, 'idle', 10) > 0 and (pack = 0 or meter in {split_meters})
    order by number
) to '{path}' (format parquet)
"""
"""What each tenant used of each meter in a month; a tenth used none."""

RULE = {
    "rule_version": "1",
    "tag_key": "service",
    "cluster": "tag:cluster",
    "internal_service": "tag:service",
    "cost_category": "infrastructure",
    "effective_from_date": "2024-01-01",
    "effective_to_date": "9999-12-31",
    "recorded_at": "2024-12-01T00:00:00Z",
    "policy_decision_id": "pd-catalogue-founding",
}
"""What all mapping rules have in common: a service's cost is a tenant's, or shared by a meter."""


@dataclass(frozen=True)
class Shape:
    """`rows` statement rows in a file for each provider and month."""

    rows: int


def generate(shape: Shape, out: Path) -> None:
    """Write `shape` below `out`: `landing/focus`, the catalogue laid over, and `drivers.parquet`.

    `out/dataset.json` is written last and says what the folder holds; a folder that says the same
    is left as it is, any other is emptied first.
    """
    said = {**asdict(shape), "duckdb": duckdb.__version__}
    mark = out / "dataset.json"
    if mark.is_file() and json.loads(mark.read_text()) == said:
        return
    for name in ("landing", "catalogue"):
        shutil.rmtree(out / name, ignore_errors=True)
    mark.unlink(missing_ok=True)
    tenants = [tenant_id for tenant_id, *_ in write_tenants(out / "catalogue")]
    _write_rules(out / "catalogue")
    with duckdb.connect() as connection:
        connection.execute("set threads = 2; set TimeZone = 'UTC'; set memory_limit = '4GB'")
        connection.execute(DRAW)
        _set_up(connection, tenants)
        for number in range(MONTH_COUNT * len(PROVIDERS)):
            _write(connection, shape, number, out / "landing" / "focus")
        connection.execute(
            DRIVERS.format(
                months=MONTH_COUNT,
                meters=len(METERS),
                tenants=len(tenants),
                meter_ids=[meter_id for meter_id, _ in METERS],
                split_meters=tuple(number for number, (_, pack) in enumerate(METERS) if not pack),
                month=f"{months()[0]:%Y-%m-%d}",
                path=out / "drivers.parquet",
            )
        )
    mark.write_text(json.dumps(said, indent=2) + "\n")


def months() -> list[datetime]:
    """The first instants of the months that statements are of, and of the month after them."""
    year, month = FIRST_MONTH
    return [
        datetime(year + (month - 1 + number) // 12, (month - 1 + number) % 12 + 1, 1, tzinfo=UTC)
        for number in range(MONTH_COUNT + 1)
    ]


def _write_rules(folder: Path) -> None:
    """A rule for the tenants of each service, one for what they share, and how each is shared."""
    mapping = [
        {**RULE, **rule, "tag_value": service.name}
        for service in SERVICES
        for rule in (
            {
                "rule_id": f"direct-{service.name}",
                "priority": "10",
                "tenant_id": "tag:tenant_id",
                "pack_id": service.pack_id or "companyos_core",
            },
            {
                "rule_id": f"shared-{service.name}",
                "priority": "20",
                "pack_id": service.pack_id,
                "allocation_rule_id": f"by-{service.meter_id}",
            },
        )
    ]
    rules = [
        {
            **RULE,
            "allocation_rule_id": f"by-{meter_id}",
            "driver_grain": "month",
            "zero_driver": "unallocated",
            "share_number": "1",
            "share_ratio": "1",
            "driver": "meter",
            "driver_meter_id": meter_id,
        }
        for meter_id, _ in METERS
    ]
    _write_table(folder, "cost_mapping_rules", mapping)
    _write_table(folder, "allocation_rules", rules)
    _write_table(folder, "allocation_shares", rules)


def _write_table(folder: Path, name: str, rows: Sequence[Mapping[str, str]]) -> None:
    """Write rows under the header of the default file; what a row lacks is empty."""
    with (ROOT / "seeds" / "catalogue" / f"{name}.csv").open(newline="") as stream:
        header = next(csv.reader(stream))
    with (folder / f"{name}.csv").open("w", newline="") as stream:
        writer = csv.DictWriter(stream, header, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _set_up(connection: duckdb.DuckDBPyConnection, tenants: Sequence[str]) -> None:
    """Tenants by Zipf's law, and resources with what they serve."""
    weights = [1 / (rank + 4) for rank in range(len(tenants))]
    connection.execute("create temp table tenants (tenant bigint, tenant_id varchar)")
    connection.executemany("insert into tenants values (?, ?)", list(enumerate(tenants)))
    connection.execute("create temp table tenant_slots (tenant bigint, slot bigint)")
    connection.executemany(
        "insert into tenant_slots values (?, ?)",
        [
            (rank, round(10000 * sum(weights[: rank + 1]) / sum(weights)))
            for rank in range(len(tenants))
        ],
    )
    connection.execute(RESOURCES)


def _write(connection: duckdb.DuckDBPyConnection, shape: Shape, number: int, landing: Path) -> None:
    """Draw the rows of one provider and month, and write them as a batch."""
    month, provider_number = divmod(number, len(PROVIDERS))
    provider = PROVIDERS[provider_number]
    start, end = months()[month : month + 2]
    files = MONTH_COUNT * len(PROVIDERS)
    connection.execute(
        ROWS.format(
            first=number * shape.rows // files,
            last=(number + 1) * shape.rows // files,
            slots=RESOURCE_COUNT // len(PROVIDERS),
            month=f"{start:%Y-%m-%d}",
            days=(end - start).days,
            provider=provider_number,
        )
    )
    landed_at = end + LANDING_DELAY + timedelta(minutes=provider_number)
    folder = landing / f"landed={landed_at:%Y%m%dT%H%M%SZ}"
    folder.mkdir(parents=True, exist_ok=True)
    connection.execute(
        COPY.format(
            name=provider.name,
            key=provider.key,
            currency=provider.currency,
            month=f"{start:%Y-%m-%d}",
            month_start=provider.instant.format(f"timestamp '{start:%Y-%m-%d}'"),
            month_end=provider.instant.format(f"timestamp '{end:%Y-%m-%d}'"),
            period_start=provider.instant.format("start_at"),
            period_end=provider.instant.format(
                "start_at + case when is_daily then interval 1 day else interval 1 hour end"
            ),
            billed=provider.money.format("list_cost * billed_factor"),
            effective=provider.money.format("list_cost * effective_factor"),
            listed=provider.money.format("list_cost"),
            contracted=provider.money.format("list_cost"),
            list_price=provider.money.format("list_cost"),
            quantity=provider.money.format("1"),
            tags=provider.tags.format("tags_text"),
            others=provider.others,
            path=folder / f"{provider.key}.parquet",
        )
    )
