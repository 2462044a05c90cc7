with costs_converted as (
    select * from {{ ref('int_margin__costs_converted') }}
    where is_cogs
),

skus as (
    select * from {{ ref('dim_skus') }}
),

residencies as (
    select
        region,
        min(pack_id) as residency_pack_id
    from skus
    where sku_kind = 'residency'
    group by region
),

regions as (
    select
        region,
        pack_id,
        period_month,
        count(distinct tenant_id) as tenant_count,
        {{ sum_of_known('amount_usd') }} as cogs_usd
    from costs_converted
    group by
        region,
        pack_id,
        period_month
),

-- Over all regions a tenant counts once for each region in which it has cost.
averages as (
    select
        pack_id,
        period_month,
        {{ amount_per_unit(sum_of_known('cogs_usd'), 'cast(sum(tenant_count) as bigint)') }}
            as average_unit_cost_usd
    from regions
    group by
        pack_id,
        period_month
),

per_tenant as (
    select
        regions.*,
        averages.average_unit_cost_usd,
        {{ amount_per_unit('regions.cogs_usd', 'regions.tenant_count') }} as unit_cost_usd
    from regions
    inner join averages
        on
            regions.pack_id = averages.pack_id
            and regions.period_month = averages.period_month
),

final as (
    select
        per_tenant.region,
        per_tenant.pack_id,
        per_tenant.period_month,
        residencies.residency_pack_id,
        per_tenant.tenant_count,
        per_tenant.cogs_usd,
        per_tenant.unit_cost_usd,
        per_tenant.average_unit_cost_usd,
        cast(per_tenant.unit_cost_usd - per_tenant.average_unit_cost_usd as decimal(38, 12))
            as extra_unit_cost_usd,
        {{ ratio_of(
            'per_tenant.unit_cost_usd - per_tenant.average_unit_cost_usd',
            'per_tenant.average_unit_cost_usd',
        ) }} as difference_ratio
    from per_tenant
    left join residencies
        on per_tenant.region = residencies.region
)

select * from final
