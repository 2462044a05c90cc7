-- Where did the shared dollar go: each shared pool of a month with its targets, driver and shares.
-- dbt compile --select where_did_the_shared_dollar_go --vars '{cost_month: 2025-10-01}'
select
    pools.provider,
    pools.service_name,
    pools.rule_id,
    pools.effective_cost_amount as pool_amount,
    allocations.driver,
    allocations.tenant_id,
    allocations.pack_id,
    allocations.share_ratio,
    allocations.effective_cost_amount,
    pools.currency_code
from {{ ref('fct_cost_pools') }} as pools
inner join {{ ref('fct_cost_allocations') }} as allocations
    on pools.cost_pool_id = allocations.cost_pool_id
where
    pools.allocation_method = 'shared'
    and pools.cost_month = date '{{ var("cost_month", "2025-10-01") }}'
order by pools.rule_id asc, pools.provider asc, allocations.effective_cost_amount desc
