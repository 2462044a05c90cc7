-- Margin: what a pack earns and costs is what its tenants do, on each basis.
with sides as (
    select
        pack_id,
        period_month,
        revenue_basis,
        revenue_usd,
        cogs_usd
    from {{ ref('rpt_pack_profitability') }}
    union all
    select
        pack_id,
        period_month,
        revenue_basis,
        -revenue_usd as revenue_usd,
        -cogs_usd as cogs_usd
    from {{ ref('rpt_pack_tenants') }}
),

totalled as (
    select
        pack_id,
        period_month,
        revenue_basis,
        sum(revenue_usd) as revenue_usd,
        sum(cogs_usd) as cogs_usd
    from sides
    group by
        pack_id,
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
    )
