with landed as (
    select * from {{ ref('stg_landing__cost_locks') }}
),

locks as (
    select * from {{ ref('fct_cost_locks') }}
),

lock_pools as (
    select * from {{ ref('stg_landing__cost_lock_pools') }}
),

pools_computed as (
    select * from {{ ref('int_cost__pools_computed') }}
),

locked as (
    select
        locks.cost_month,
        locks.pool_count,
        lock_pools.cost_pool_id,
        lock_pools.billed_cost_amount,
        lock_pools.effective_cost_amount,
        locks.landed_file,
        locks.line_number
    from locks
    left join lock_pools
        on
            locks.lock_id = lock_pools.lock_id
            and locks.landed_file = lock_pools.landed_file
),

compared as (
    select
        cost_month,
        cost_pool_id,
        landed_file,
        line_number,
        billed_cost_amount as locked_billed,
        effective_cost_amount as locked_effective,
        cast(null as decimal(38, 12)) as present_billed,
        cast(null as decimal(38, 12)) as present_effective
    from locked
    where cost_pool_id is not null
    union all
    select
        locks.cost_month,
        pools_computed.cost_pool_id,
        locks.landed_file,
        locks.line_number,
        null as locked_billed,
        null as locked_effective,
        pools_computed.billed_cost_amount as present_billed,
        pools_computed.effective_cost_amount as present_effective
    from pools_computed
    inner join locks
        on pools_computed.cost_month = locks.cost_month
),

-- What a build makes of the same rows by now; the lock stands, whatever is found here. Drivers that
-- grew by late usage change no closed pool.
found as (
    select
        landed.cost_month,
        '(none)' as cost_pool_id,
        case
            when not landed.is_digest_right then 'digest_differs'
            else 'not_allowed_or_locked_before'
        end as reason,
        cast(null as decimal(38, 12)) as locked_amount,
        cast(null as decimal(38, 12)) as present_amount,
        landed.landed_file,
        landed.line_number
    from landed
    left join locks
        on
            landed.lock_id = locks.lock_id
            and landed.landed_file = locks.landed_file
    where not landed.is_digest_right or locks.lock_id is null
    union all
    select
        cost_month,
        '(none)' as cost_pool_id,
        'pools_are_missing' as reason,
        null as locked_amount,
        null as present_amount,
        landed_file,
        line_number
    from locked
    group by
        cost_month,
        pool_count,
        landed_file,
        line_number
    having count(cost_pool_id) <> pool_count
    union all
    select
        cost_month,
        cost_pool_id,
        'computed_otherwise' as reason,
        max(locked_effective) as locked_amount,
        max(present_effective) as present_amount,
        landed_file,
        line_number
    from compared
    group by
        cost_month,
        cost_pool_id,
        landed_file,
        line_number
    having
        max(locked_effective) is distinct from max(present_effective)
        or max(locked_billed) is distinct from max(present_billed)
),

final as (
    select
        cost_month,
        cost_pool_id,
        reason,
        locked_amount,
        present_amount,
        landed_file,
        line_number
    from found
)

select * from final
