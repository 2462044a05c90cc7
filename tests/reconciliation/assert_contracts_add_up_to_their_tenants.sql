-- Margin: the contracts of a tenant, and what has no contract, make up its P&L on each basis.
with sides as (
    select
        tenant_id,
        period_month,
        revenue_basis,
        revenue_usd,
        cogs_usd,
        development_cost_usd,
        sales_and_marketing_cost_usd,
        overhead_cost_usd,
        operating_cost_usd
    from {{ ref('rpt_tenant_pnl') }}
    union all
    select
        tenant_id,
        period_month,
        revenue_basis,
        -revenue_usd as revenue_usd,
        -cogs_usd as cogs_usd,
        -development_cost_usd as development_cost_usd,
        -sales_and_marketing_cost_usd as sales_and_marketing_cost_usd,
        -overhead_cost_usd as overhead_cost_usd,
        -operating_cost_usd as operating_cost_usd
    from {{ ref('rpt_contract_profitability') }}
),

totalled as (
    select
        tenant_id,
        period_month,
        revenue_basis,
        sum(revenue_usd) as revenue_usd,
        sum(cogs_usd) as cogs_usd,
        sum(development_cost_usd) as development_cost_usd,
        sum(sales_and_marketing_cost_usd) as sales_and_marketing_cost_usd,
        sum(overhead_cost_usd) as overhead_cost_usd,
        sum(operating_cost_usd) as operating_cost_usd
    from sides
    group by
        tenant_id,
        period_month,
        revenue_basis
),

missing as (
    select count(*) as rate_count
    from {{ ref('exc_missing_exchange_rates') }}
)

select totalled.*
from totalled
cross join missing
where
    missing.rate_count = 0
    and (
        totalled.revenue_usd <> 0
        or totalled.cogs_usd <> 0
        or totalled.development_cost_usd <> 0
        or totalled.sales_and_marketing_cost_usd <> 0
        or totalled.overhead_cost_usd <> 0
        or totalled.operating_cost_usd <> 0
    )
