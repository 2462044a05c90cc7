"""The cost of 5 million statement rows by hand: as fast as one DuckDB script gets to attributions.

It knows what the generated files hold: which provider writes what in which way, that rules go by
the tag `service`, and that nothing is restated, corrected or locked. The sums are the same; there
are no ids, lineage, versions, ratios or locks, and a refused row is only left out. With rows kept
it stores, of each row, what the models store of it, as the file has it or typed.
"""

import json
import time
from pathlib import Path
from typing import Annotated

import duckdb
import typer

KEYS = (
    "cost_month, provider, provider_invoice_id, currency_code, service_name, service_category, "
    "region, commitment_status, service, cluster, tenant_tag"
)
AMOUNT = "cast({} as decimal(18, 12))"
JSON_TAG = "json_extract_string(tags, '{}')"
DIALECTS = {
    "aws": ('"{}"', '"ChargePeriodStart"', "\"Tags\"['{}']"),
    "microsoft": ('"{}"', '"ChargePeriodStart"', ""),
    "lumen": ('try_cast("{}" as decimal(18, 12))', 'substring("ChargePeriodStart", 1, 7)', ""),
}
"""Provider -> SQL of a cost, of a month and of a tag; tags that are JSON are opened once a text."""

KEPT = """
    filename as landed_file, file_row_number + 1 as line_number,
    "BillingAccountId", "SubAccountId", "ChargeCategory", "ChargeClass", "ChargeFrequency",
    "ChargeDescription", "PricingCategory", "CommitmentDiscountId", "SkuId", "ResourceId",
    "ConsumedUnit", {quantity} as consumed_quantity, {instants},
"""
OF_EACH = {
    "aws": 'cast(to_json("Tags") as varchar) as tags, '
    '"x_Discounts", "x_Operation", "x_ServiceCode",',
    "microsoft": '"x_BillingProfileBatch", "x_PricingSubcategory",',
    "lumen": "",
}
INSTANTS = ("BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart", "ChargePeriodEnd")
"""What a kept row has besides what is grouped."""

TAGS = ("service", "cluster", "tenant_id")

TYPED = """
select
    {kept}
    {month} as month,
    "ProviderName" as provider, "InvoiceId" as provider_invoice_id,
    "BillingCurrency" as currency_code, "ServiceName" as service_name,
    "ServiceCategory" as service_category, "RegionId" as region,
    "CommitmentDiscountStatus" as commitment_status, {tags},
    {billed} as billed, {effective} as effective
from read_parquet('{landing}/focus/*/{provider}.parquet', hive_partitioning = false{numbered})
"""

GROUPED = """
select
    month, provider, provider_invoice_id, currency_code, service_name, service_category, region,
    commitment_status, {tags}, sum(billed) as billed, sum(effective) as effective
from ({rows})
where billed is not null and effective is not null
group by all
"""

ATTRIBUTED = """
create or replace temp table rules as
    select tag_value, pack_id, allocation_rule_id
    from read_csv('{catalogue}/cost_mapping_rules.csv', all_varchar = true);
create or replace temp table known as
    select tenant_id from read_csv('{catalogue}/tenants.csv', all_varchar = true);

create or replace temp table mapped as
select
    groups.* exclude (commitment_status, service_category, tenant_tag, billed, effective),
    case when commitment_status = 'Unused' then 'idle'
        when known.tenant_id is null then 'shared' else 'direct' end as method,
    known.tenant_id,
    case service_category when 'Compute' then 'compute' when 'Storage' then 'storage'
        when 'Databases' then 'database' when 'Networking' then 'network' else 'other'
        end as resource_type,
    rules.pack_id,
    rules.allocation_rule_id,
    cast(billed * 1000000000000 as hugeint) as billed,
    cast(effective * 1000000000000 as hugeint) as effective
from ({groups}) as groups
left join known on groups.tenant_tag = known.tenant_id
inner join rules
    on groups.service = rules.tag_value
    and (rules.allocation_rule_id is null) = (known.tenant_id is not null)
where tenant_tag is null or known.tenant_id is not null;

create or replace temp table pools as
select
    row_number() over () as pool, cost_month, currency_code, region, resource_type, pack_id,
    allocation_rule_id, sum(billed) as billed, sum(effective) as effective
from mapped
where method = 'shared'
group by
    cost_month, provider, provider_invoice_id, currency_code, service_name, service, cluster,
    region, resource_type, pack_id, allocation_rule_id;

create or replace temp table weights as
select
    allocation_rule_id, cost_month, pack_id, tenant_id, target_pack,
    weight, sum(weight) over (partition by allocation_rule_id, cost_month, pack_id) as total
from (
    select
        ways.allocation_rule_id, ways.pack_id, drivers.tenant_id,
        cast(drivers.month_start_at as date) as cost_month,
        coalesce(ways.pack_id, drivers.pack_id) as target_pack,
        cast(sum(drivers.quantity) * 1000000000 as hugeint) as weight
    from (select distinct allocation_rule_id, pack_id from pools) as ways
    inner join read_csv('{catalogue}/allocation_shares.csv', all_varchar = true) as shares
        using (allocation_rule_id)
    inner join read_parquet('{drivers}') as drivers on shares.driver_meter_id = drivers.meter_id
    group by all
);

create or replace temp table floors as
with divided as (
    select pools.*, totals.total, {divided}
    from pools
    inner join (
        select distinct allocation_rule_id, cost_month, pack_id, total from weights
    ) as totals
        on pools.allocation_rule_id = totals.allocation_rule_id
        and pools.cost_month = totals.cost_month
        and pools.pack_id is not distinct from totals.pack_id
)

select
    pool, divided.cost_month, tenant_id, target_pack as pack_id, resource_type, region,
    currency_code, weights.total,
    {shares}
from divided
inner join weights
    on divided.allocation_rule_id = weights.allocation_rule_id
    and divided.cost_month = weights.cost_month
    and divided.pack_id is not distinct from weights.pack_id;

create or replace table attributions as
select
    cost_month, tenant_id, pack_id, resource_type, region, allocation_method, currency_code,
    cast(cast(sum(billed) as decimal(38, 0)) * 0.000000000001 as decimal(38, 12))
        as billed_cost_amount,
    cast(cast(sum(effective) as decimal(38, 0)) * 0.000000000001 as decimal(38, 12))
        as effective_cost_amount
from (
    select
        cost_month, tenant_id, pack_id, resource_type, region, 'shared' as allocation_method,
        currency_code,
        {topped_up}
    from floors
    union all
    select
        cost_month, case method when 'idle' then '(idle)' else tenant_id end,
        coalesce(pack_id, '(none)'), resource_type, region, method, currency_code, billed, effective
    from mapped
    where method <> 'shared'
)
group by all;
"""

DIVIDED = """
sign({amount}) as {amount}_sign, abs({amount}) as {amount}_whole,
abs({amount}) // totals.total as {amount}_each, abs({amount}) % totals.total as {amount}_left
"""
SHARES = """
{amount}_sign, {amount}_whole, {amount}_left * weight as {amount}_product,
{amount}_product // weights.total as {amount}_quotient,
{amount}_each * weight + {amount}_quotient as {amount}_floor,
{amount}_product - {amount}_quotient * weights.total as {amount}_rest
"""
TOPPED_UP = """
{amount}_sign * ({amount}_floor + case when
    row_number() over (partition by pool order by {amount}_rest desc, tenant_id, pack_id)
    <= {amount}_whole - sum({amount}_floor) over (partition by pool)
then 1 else 0 end) as {amount}
"""
"""Whole numbers of 128 bits: a division of them costs a hundred products."""


def typed(landing: Path, *, with_rows: bool) -> dict[str, str]:
    """Provider -> the query of its rows; with all that the models store of one where asked for."""
    found = {}
    for provider, (amount, month, tag) in DIALECTS.items():
        found[provider] = TYPED.format(
            kept=kept(provider) if with_rows else "",
            month=month if provider == "lumen" else f"cast(date_trunc('month', {month}) as date)",
            tags=", ".join(f"{tag.format(name)} as {name}_tag" for name in TAGS)
            if tag
            else '"Tags" as tags',
            billed=AMOUNT.format(amount.format("BilledCost")),
            effective=AMOUNT.format(amount.format("EffectiveCost")),
            landing=landing,
            provider=provider,
            numbered=", filename = true, file_row_number = true" if with_rows else "",
        )
    return found


def kept(provider: str) -> str:
    """The columns of a row that are stored only where rows are kept."""
    instants = (
        f'cast("{name}" as timestamp) as "{name}"' if provider == "lumen" else f'"{name}"'
        for name in INSTANTS
    )
    amount = DIALECTS[provider][0]
    quantity = f"cast({amount.format('ConsumedQuantity')} as decimal(38, 15))"
    return KEPT.format(quantity=quantity, instants=", ".join(instants)) + OF_EACH[provider]


def grouped(rows: dict[str, str]) -> str:
    """The query of what rules look at, summed up, from the rows of each provider."""
    parts = []
    for provider, (_, _, tag) in DIALECTS.items():
        tags = ", ".join(f"{name}_tag" for name in TAGS) if tag else "tags"
        opened = ", ".join(
            f"{name}_tag" if tag else f"{JSON_TAG.format(name)} as {name}_tag" for name in TAGS
        )
        month = "cast(month || '-01' as date)" if provider == "lumen" else "month"
        parts.append(
            f"select {month} as cost_month, columns(* exclude (month, {tags})), {opened}"
            f" from ({GROUPED.format(rows=rows[provider], tags=tags)})"
        )
    return (
        "select * rename (service_tag as service, cluster_tag as cluster, "
        f"tenant_id_tag as tenant_tag) from ({' union all by name '.join(parts)})"
    )


def main(
    landing: Annotated[Path, typer.Argument(help="Landing folder with the statements.")],
    catalogue: Annotated[Path, typer.Argument(help="The catalogue that is laid over.")],
    drivers: Annotated[Path, typer.Argument(help="What each tenant used of each meter.")],
    database: Annotated[Path, typer.Argument(help="Where the attributions are put.")],
    keep_rows: Annotated[bool, typer.Option(help="Keep each row, with its file.")] = False,
) -> None:
    """Attribute cost, and print how long it took."""
    database.unlink(missing_ok=True)
    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": 2,
        "memory_limit": "5GB",
        "preserve_insertion_order": False,
        "storage_compatibility_version": "latest",
    }
    started = time.monotonic()
    with duckdb.connect(str(database), config=config) as connection:
        connection.execute("set TimeZone = 'UTC'")
        rows = typed(landing, with_rows=keep_rows)
        if keep_rows:
            for provider, query in rows.items():
                connection.execute(f"create table rows_{provider} as {query}")
            rows = {provider: f"select * from rows_{provider}" for provider in rows}
        read = time.monotonic()
        connection.execute(f"create temp table groups as {grouped(rows)}")
        pooled = time.monotonic()
        amounts = ("billed", "effective")
        connection.execute(
            ATTRIBUTED.format(
                catalogue=catalogue,
                drivers=drivers,
                groups="select * from groups",
                divided=", ".join(DIVIDED.format(amount=amount) for amount in amounts),
                shares=", ".join(SHARES.format(amount=amount) for amount in amounts),
                topped_up=", ".join(TOPPED_UP.format(amount=amount) for amount in amounts),
            )
        )
        [[shares]] = connection.execute("select count(*) from floors").fetchall()
    finished = time.monotonic()
    figures = {
        "seconds": finished - started,
        "rows_seconds": read - started,
        "grouping_seconds": pooled - read,
        "allocation_seconds": finished - pooled,
        "shares": shares,
    }
    typer.echo(json.dumps(figures))


if __name__ == "__main__":
    typer.run(main)
