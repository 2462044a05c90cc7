-- Which tenants cost more than they pay, and on what: margin by tenant over all months, the lowest
-- first.
select
    tenants.tenant_name,
    sum(pnl.revenue_usd) as revenue_usd,
    sum(pnl.cogs_usd) as cogs_usd,
    sum(pnl.compute_cogs_usd) as compute_cogs_usd,
    sum(pnl.database_cogs_usd) as database_cogs_usd,
    sum(pnl.gross_margin_usd) as gross_margin_usd
from {{ ref('rpt_tenant_pnl') }} as pnl
inner join {{ ref('dim_tenants') }} as tenants
    on pnl.tenant_id = tenants.tenant_id
group by tenants.tenant_name
order by gross_margin_usd
