with pools as (
    select * from {{ ref('fct_cost_pools') }}
),

pools_shared as (
    select * from {{ ref('int_cost__pools_shared') }}
),

driven as (
    select distinct cost_pool_id
    from pools_shared
),

-- A shared pool that nobody used has no one to go to: it is listed, never dropped.
final as (
    select
        pools.cost_pool_id,
        pools.cost_month,
        pools.provider,
        pools.service_name,
        coalesce(pools.unallocated_reason, 'driver_is_zero') as reason,
        pools.billed_cost_amount,
        pools.effective_cost_amount,
        pools.currency_code,
        pools.source_row_count
    from pools
    left join driven
        on pools.cost_pool_id = driven.cost_pool_id
    where
        pools.allocation_method = 'unallocated'
        or (pools.allocation_method = 'shared' and driven.cost_pool_id is null)
)

select * from final
