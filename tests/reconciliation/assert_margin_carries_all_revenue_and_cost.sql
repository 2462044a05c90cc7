-- Margin: both reports carry the converted fees, rated usage and attributed cost, to the last decimal.
with tenants as (
    select sum(revenue_usd) as revenue_usd, sum(cogs_usd) as cogs_usd from {{ ref('rpt_tenant_pnl') }}
),

packs as (
    select sum(revenue_usd) as revenue_usd, sum(cogs_usd) as cogs_usd
    from {{ ref('rpt_pack_profitability') }}
),

costs as (
    select
        sum({{ to_usd('attributions.effective_cost_amount', 'exchange_rates.usd_per_unit') }}) as cogs_usd
    from {{ ref('fct_cost_attributions') }} as attributions
    inner join {{ ref('fct_exchange_rates') }} as exchange_rates
        on
            attributions.currency_code = exchange_rates.currency_code
            and attributions.cost_month = exchange_rates.rate_month
    where attributions.tenant_id <> '(idle)'
)

select tenants.*, packs.*, costs.*
from tenants
cross join packs
cross join costs
where
    (
        tenants.revenue_usd is distinct from packs.revenue_usd
        or tenants.cogs_usd is distinct from packs.cogs_usd
        or tenants.cogs_usd is distinct from coalesce(costs.cogs_usd, 0)
    )
    -- A missing rate makes sums unknown; exc_missing_exchange_rates says which.
    and not exists (select 1 from {{ ref('exc_missing_exchange_rates') }})
