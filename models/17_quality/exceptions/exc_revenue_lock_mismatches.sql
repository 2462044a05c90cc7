with landed as (
    select * from {{ ref('stg_landing__revenue_locks') }}
),

locks as (
    select * from {{ ref('fct_revenue_locks') }}
),

counted as (
    select
        landed.lock_id,
        landed.landed_file,
        count(*) as line_count
    from landed
    where landed.is_digest_right and landed.is_line
    group by
        landed.lock_id,
        landed.landed_file
),

-- The lock stands, whatever is found here. What a closed month would come to by now is no finding:
-- it is earned in the first open month.
found as (
    select
        landed.revenue_month,
        case
            when not landed.is_digest_right then 'digest_differs'
            else 'not_allowed_or_locked_before'
        end as reason,
        landed.landed_file,
        landed.line_number
    from landed
    left join locks
        on
            landed.lock_id = locks.lock_id
            and landed.landed_file = locks.landed_file
    where not landed.is_digest_right or (locks.lock_id is null and not landed.is_line)
    union all
    select
        locks.revenue_month,
        'lines_are_missing' as reason,
        locks.landed_file,
        locks.line_number
    from locks
    left join counted
        on
            locks.lock_id = counted.lock_id
            and locks.landed_file = counted.landed_file
    where locks.line_count <> coalesce(counted.line_count, 0)
),

final as (
    select
        revenue_month,
        reason,
        landed_file,
        line_number
    from found
)

select * from final
