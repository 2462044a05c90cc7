with landed as (
    select * from {{ ref('stg_landing__cost_locks') }}
),

locks as (
    select * from {{ ref('fct_cost_locks') }}
),

pools_compared as (
    select * from {{ ref('int_cost__pools_compared') }}
),

incomplete as (
    select
        locks.lock_id,
        locks.cost_month,
        locks.landed_file,
        locks.line_number
    from locks
    left join pools_compared
        on locks.lock_id = pools_compared.lock_id
    group by
        locks.lock_id,
        locks.cost_month,
        locks.pool_count,
        locks.landed_file,
        locks.line_number
    having count(pools_compared.locked_billed_cost_amount) <> locks.pool_count
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
    from incomplete
    union all
    select
        locks.cost_month,
        pools_compared.cost_pool_id,
        'computed_otherwise' as reason,
        pools_compared.locked_effective_cost_amount as locked_amount,
        pools_compared.present_effective_cost_amount as present_amount,
        locks.landed_file,
        locks.line_number
    from pools_compared
    inner join locks
        on pools_compared.lock_id = locks.lock_id
    where
        pools_compared.locked_effective_cost_amount
        is distinct from pools_compared.present_effective_cost_amount
        or pools_compared.locked_billed_cost_amount
        is distinct from pools_compared.present_billed_cost_amount
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
