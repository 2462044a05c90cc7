with cost_locks as (
    select * from {{ ref('stg_landing__cost_locks') }}
    where is_digest_right and not is_pool
),

revenue_locks as (
    select * from {{ ref('stg_landing__revenue_locks') }}
    where is_digest_right and not is_line
),

policy_effects as (
    select * from {{ ref('fct_policy_effects') }}
    where
        act_source = 'actions'
        and action = 'close_period'
        and is_in_force
),

{% set described = [
    'lock_id', 'locked_at', 'action_id', 'policy_decision_id', 'landed_file', 'line_number',
    'landed_at',
] -%}
landed as (
    select
        'cost' as books,
        cost_month as locked_month,
        pool_count as part_count,
        {{ described | join(',\n        ') }}
    from cost_locks
    union all
    select
        'revenue' as books,
        revenue_month as locked_month,
        line_count as part_count,
        {{ described | join(',\n        ') }}
    from revenue_locks
),

-- The first lock of a month counts; another one is listed as a mismatch.
ranked as (
    select
        landed.*,
        row_number() over (
            partition by landed.books, landed.locked_month
            order by landed.landed_at, landed.landed_file, landed.line_number
        ) as lock_number
    from landed
    inner join policy_effects
        on landed.action_id = policy_effects.act_key
),

final as (
    select
        books,
        locked_month,
        part_count,
        {{ described | join(',\n        ') }}
    from ranked
    where lock_number = 1
)

select * from final
