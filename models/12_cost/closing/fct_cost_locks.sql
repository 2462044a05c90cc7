with month_locks as (
    select * from {{ ref('fct_month_locks') }}
    where books = 'cost'
),

final as (
    select
        lock_id,
        locked_month as cost_month,
        part_count as pool_count,
        locked_at,
        action_id,
        policy_decision_id,
        landed_file,
        line_number,
        landed_at
    from month_locks
)

select * from final
