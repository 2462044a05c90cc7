with tenant_pnl as (
    select * from {{ ref('rpt_tenant_pnl') }}
),

-- What has not been invoiced yet is not lost: off the rated basis, a tenant's months after its last
-- revenue do not count, and a tenant without any has no margin there.
dated as (
    select
        *,
        max(period_month) filter (where revenue_usd is distinct from 0) over (
            partition by tenant_id, revenue_basis
        ) as last_revenue_month
    from tenant_pnl
    where not is_internal
),

-- Over all months: one bad month is a trend to watch, a bad sum is money lost. A month whose margin
-- is unknown is in none of the sums.
final as (
    select
        tenant_id,
        revenue_basis,
        count(*) filter (where gross_margin_usd < 0) as months_negative_count,
        cast(sum(revenue_usd) as decimal(38, 12)) as revenue_usd,
        cast(sum(cogs_usd) as decimal(38, 12)) as cogs_usd,
        cast(sum(gross_margin_usd) as decimal(38, 12)) as gross_margin_usd
    from dated
    where
        gross_margin_usd is not null
        and (revenue_basis = 'rated' or period_month <= last_revenue_month)
    group by
        tenant_id,
        revenue_basis
    having sum(gross_margin_usd) < 0
)

select * from final
