-- What stands in a closed month is what it was closed with.
with booked as (
    select
        revenue_month,
        count(*) as line_count,
        sum(recognised_amount) as amount
    from {{ ref('fct_revenue_lines') }}
    where revenue_month <= (select max(revenue_month) from {{ ref('fct_revenue_locks') }})
    group by revenue_month
),

closed as (
    select
        locks.revenue_month,
        locks.line_count,
        sum(lines.amount) as amount
    from {{ ref('fct_revenue_locks') }} as locks
    left join {{ ref('stg_landing__revenue_lock_lines') }} as lines
        on
            locks.lock_id = lines.lock_id
            and locks.landed_file = lines.landed_file
    group by
        locks.revenue_month,
        locks.line_count
)

select
    closed.revenue_month,
    closed.line_count,
    closed.amount as locked_amount,
    booked.amount as booked_amount
from closed
full join booked
    on closed.revenue_month = booked.revenue_month
where
    closed.line_count is distinct from coalesce(booked.line_count, 0)
    or coalesce(closed.amount, 0) <> coalesce(booked.amount, 0)
