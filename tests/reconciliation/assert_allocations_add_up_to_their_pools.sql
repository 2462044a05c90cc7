-- Cost: a pool with a home is given away whole, and nothing else is.
with allocated as (
    select
        cost_pool_id,
        sum(billed_cost_amount) as billed_cost_amount,
        sum(effective_cost_amount) as effective_cost_amount
    from {{ ref('fct_cost_allocations') }}
    group by cost_pool_id
)

select pools.cost_pool_id
from {{ ref('fct_cost_pools') }} as pools
left join allocated
    on pools.cost_pool_id = allocated.cost_pool_id
left join {{ ref('fct_unallocated_costs') }} as unallocated_costs
    on pools.cost_pool_id = unallocated_costs.cost_pool_id
where
    (allocated.cost_pool_id is null) = (unallocated_costs.cost_pool_id is null)
    or allocated.billed_cost_amount <> pools.billed_cost_amount
    or allocated.effective_cost_amount <> pools.effective_cost_amount
