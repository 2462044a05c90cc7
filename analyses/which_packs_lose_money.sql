-- Which packs lose money, on whom and on what: margin by pack over a year on the rated basis, the
-- tenant that loses most in it and its largest cost.
-- dbt compile --select which_packs_lose_money --vars '{margin_year: 2025}'
with months as (
    select
        pack_id,
        sum(revenue_usd) as revenue_usd,
        sum(cogs_usd) as cogs_usd,
        sum(gross_margin_usd) as gross_margin_usd
    from {{ ref('rpt_pack_profitability') }}
    where
        revenue_basis = 'rated'
        and date_part('year', period_month) = {{ var("margin_year", 2025) }}
    group by pack_id
),

tenants as (
    select
        pack_id,
        tenant_id,
        sum(gross_margin_usd) as gross_margin_usd
    from {{ ref('rpt_pack_tenants') }}
    where
        revenue_basis = 'rated'
        and not is_internal
        and date_part('year', period_month) = {{ var("margin_year", 2025) }}
    group by
        pack_id,
        tenant_id
),

losses as (
    select
        pack_id,
        min_by(tenant_id, gross_margin_usd) as largest_loss_tenant_id,
        min(gross_margin_usd) as largest_loss_usd
    from tenants
    where gross_margin_usd < 0
    group by pack_id
),

services as (
    select
        pack_id,
        service_name,
        sum(cogs_usd) as cogs_usd
    from {{ ref('rpt_pack_cost_drivers') }}
    where date_part('year', period_month) = {{ var("margin_year", 2025) }}
    group by
        pack_id,
        service_name
),

drivers as (
    select
        pack_id,
        max_by(service_name, cogs_usd) as largest_cost_service_name
    from services
    group by pack_id
)

select
    months.*,
    losses.largest_loss_tenant_id,
    losses.largest_loss_usd,
    drivers.largest_cost_service_name
from months
left join losses
    on months.pack_id = losses.pack_id
left join drivers
    on months.pack_id = drivers.pack_id
order by months.gross_margin_usd
