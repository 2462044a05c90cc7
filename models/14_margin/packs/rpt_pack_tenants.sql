with lines_stacked as (
    select * from {{ ref('int_margin__lines_stacked') }}
    where line_side <> 'operating'
),

packs as (
    select * from {{ ref('rpt_pack_profitability') }}
),

tenants as (
    select * from {{ ref('dim_tenants') }}
),

totalled as (
    select
        pack_id,
        period_month,
        revenue_basis,
        tenant_id,
        {{ sum_of_known('amount_usd', "line_side = 'revenue'") }} as revenue_usd,
        {{ sum_of_known('amount_usd', "line_side = 'cogs'") }} as cogs_usd
    from lines_stacked
    group by
        pack_id,
        period_month,
        revenue_basis,
        tenant_id
),

final as (
    select
        totalled.pack_id,
        totalled.period_month,
        totalled.revenue_basis,
        totalled.tenant_id,
        tenants.is_internal,
        totalled.revenue_usd,
        totalled.cogs_usd,
        cast(totalled.revenue_usd - totalled.cogs_usd as decimal(38, 12)) as gross_margin_usd,
        {{ margin_ratio('totalled.revenue_usd', 'totalled.cogs_usd') }} as gross_margin_ratio,
        {{ ratio_of('totalled.revenue_usd', 'packs.revenue_usd') }}
            as share_of_pack_revenue_ratio,
        {{ ratio_of('totalled.cogs_usd', 'packs.cogs_usd') }} as share_of_pack_cogs_ratio
    from totalled
    inner join packs
        on
            totalled.pack_id = packs.pack_id
            and totalled.period_month = packs.period_month
            and totalled.revenue_basis = packs.revenue_basis
    inner join tenants
        on totalled.tenant_id = tenants.tenant_id
)

select * from final
