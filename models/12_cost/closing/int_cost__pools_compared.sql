with locks as (
    select * from {{ ref('fct_cost_locks') }}
),

lock_pools as (
    select * from {{ ref('stg_landing__cost_lock_pools') }}
),

pools_computed as (
    select * from {{ ref('int_cost__pools_computed') }}
),

stacked as (
    select
        locks.lock_id,
        lock_pools.cost_pool_id,
        lock_pools.billed_cost_amount as locked_billed,
        lock_pools.effective_cost_amount as locked_effective,
        cast(null as decimal(38, 12)) as present_billed,
        cast(null as decimal(38, 12)) as present_effective
    from locks
    inner join lock_pools
        on
            locks.lock_id = lock_pools.lock_id
            and locks.landed_file = lock_pools.landed_file
    union all
    select
        locks.lock_id,
        pools_computed.cost_pool_id,
        null as locked_billed,
        null as locked_effective,
        pools_computed.billed_cost_amount as present_billed,
        pools_computed.effective_cost_amount as present_effective
    from locks
    inner join pools_computed
        on locks.cost_month = pools_computed.cost_month
),

final as (
    select
        lock_id,
        cost_pool_id,
        max(locked_billed) as locked_billed_cost_amount,
        max(locked_effective) as locked_effective_cost_amount,
        max(present_billed) as present_billed_cost_amount,
        max(present_effective) as present_effective_cost_amount
    from stacked
    group by
        lock_id,
        cost_pool_id
)

select * from final
