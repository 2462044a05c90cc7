-- Margin: both reports carry the converted fees, rated usage and attributed cost, to the last
-- decimal. A missing rate makes sums unknown; exc_missing_exchange_rates says which.
with tenants as (
    select
        sum(revenue_usd) as revenue_usd,
        sum(cogs_usd) as cogs_usd
    from {{ ref('rpt_tenant_pnl') }}
),

packs as (
    select
        sum(revenue_usd) as revenue_usd,
        sum(cogs_usd) as cogs_usd
    from {{ ref('rpt_pack_profitability') }}
),

costs as (
    select
        sum({{ to_usd(
            'attributions.effective_cost_amount', 'exchange_rates.usd_per_unit'
        ) }}) as cogs_usd
    from {{ ref('fct_cost_attributions') }} as attributions
    inner join {{ ref('fct_exchange_rates') }} as exchange_rates
        on
            attributions.currency_code = exchange_rates.currency_code
            and attributions.cost_month = exchange_rates.rate_month
    where attributions.tenant_id <> '(idle)'
),

missing as (
    select count(*) as rate_count
    from {{ ref('exc_missing_exchange_rates') }}
)

select
    tenants.revenue_usd,
    packs.revenue_usd as pack_revenue_usd,
    tenants.cogs_usd,
    packs.cogs_usd as pack_cogs_usd,
    costs.cogs_usd as attributed_usd
from tenants
cross join packs
cross join costs
cross join missing
where
    missing.rate_count = 0
    and (
        tenants.revenue_usd is distinct from packs.revenue_usd
        or tenants.cogs_usd is distinct from packs.cogs_usd
        or coalesce(tenants.cogs_usd, 0) <> coalesce(costs.cogs_usd, 0)
    )
