with tenant_pnl as (
    select * from {{ ref('rpt_tenant_pnl') }}
),

-- Over all months: one bad month is a trend to watch, a bad sum is money lost.
final as (
    select
        tenant_id,
        revenue_basis,
        cast(sum(revenue_usd) as decimal(38, 12)) as revenue_usd,
        cast(sum(cogs_usd) as decimal(38, 12)) as cogs_usd,
        cast(sum(gross_margin_usd) as decimal(38, 12)) as gross_margin_usd
    from tenant_pnl
    where not is_internal
    group by
        tenant_id,
        revenue_basis
    having sum(gross_margin_usd) < 0
)

select * from final
