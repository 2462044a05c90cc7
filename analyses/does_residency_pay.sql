-- Does residency pay: what a residency pack earns a month on the rated basis, beside what the
-- tenants of its region cost above the average of all regions, over all packs.
with residencies as (
    select distinct pack_id
    from {{ ref('dim_skus') }}
    where sku_kind = 'residency'
),

extra as (
    select
        residency_pack_id as pack_id,
        period_month,
        sum(tenant_count * extra_unit_cost_usd) as extra_cost_usd
    from {{ ref('rpt_region_costs') }}
    where residency_pack_id is not null
    group by
        residency_pack_id,
        period_month
)

select
    packs.pack_id,
    packs.period_month,
    packs.tenant_count,
    packs.revenue_usd,
    packs.cogs_usd,
    coalesce(extra.extra_cost_usd, 0) as extra_cost_usd,
    packs.gross_margin_usd - coalesce(extra.extra_cost_usd, 0) as margin_after_extra_cost_usd
from {{ ref('rpt_pack_profitability') }} as packs
inner join residencies
    on packs.pack_id = residencies.pack_id
left join extra
    on
        packs.pack_id = extra.pack_id
        and packs.period_month = extra.period_month
where packs.revenue_basis = 'rated'
order by packs.pack_id asc, packs.period_month asc
