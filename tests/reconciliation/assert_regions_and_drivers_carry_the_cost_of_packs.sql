-- Margin: cut by region or by driver, the cost of a pack and month is the same.
with sides as (
    select
        pack_id,
        period_month,
        cogs_usd as pack_usd,
        0 as region_usd,
        0 as driver_usd
    from {{ ref('rpt_pack_profitability') }}
    where revenue_basis = 'rated'
    union all
    select
        pack_id,
        period_month,
        0 as pack_usd,
        cogs_usd as region_usd,
        0 as driver_usd
    from {{ ref('rpt_region_costs') }}
    union all
    select
        pack_id,
        period_month,
        0 as pack_usd,
        0 as region_usd,
        cogs_usd as driver_usd
    from {{ ref('rpt_pack_cost_drivers') }}
),

totalled as (
    select
        pack_id,
        period_month,
        sum(pack_usd - region_usd) as region_difference_usd,
        sum(pack_usd - driver_usd) as driver_difference_usd
    from sides
    group by
        pack_id,
        period_month
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
        totalled.region_difference_usd <> 0
        or totalled.driver_difference_usd <> 0
    )
