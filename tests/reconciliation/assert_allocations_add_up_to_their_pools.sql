-- Cost: every pool is given away whole, to tenants, to idle or to nobody, closed months too.
with homes as (
    select
        cost_pool_id,
        billed_cost_amount,
        effective_cost_amount
    from {{ ref('fct_cost_allocations') }}
    union all
    select
        cost_pool_id,
        billed_cost_amount,
        effective_cost_amount
    from {{ ref('fct_unallocated_costs') }}
),

homed as (
    select
        cost_pool_id,
        sum(billed_cost_amount) as billed_cost_amount,
        sum(effective_cost_amount) as effective_cost_amount
    from homes
    group by cost_pool_id
)

select coalesce(pools.cost_pool_id, homed.cost_pool_id) as cost_pool_id
from {{ ref('fct_cost_pools') }} as pools
full join homed
    on pools.cost_pool_id = homed.cost_pool_id
where
    homed.billed_cost_amount is distinct from pools.billed_cost_amount
    or homed.effective_cost_amount is distinct from pools.effective_cost_amount
