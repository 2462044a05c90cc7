with month_locks as (
    select * from {{ ref('fct_month_locks') }}
    where books = 'revenue'
),

final as (
    select
        lock_id,
        locked_month as revenue_month,
        part_count as line_count,
        locked_at,
        action_id,
        policy_decision_id,
        landed_file,
        line_number,
        landed_at
    from month_locks
)

select * from final
