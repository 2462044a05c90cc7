with locks as (
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

-- The first lock of a month counts; another one is listed as a mismatch.
ranked as (
    select
        locks.*,
        row_number() over (
            partition by locks.revenue_month
            order by locks.landed_at, locks.landed_file, locks.line_number
        ) as lock_number
    from locks
    inner join policy_effects
        on locks.action_id = policy_effects.act_key
),

final as (
    select
        lock_id,
        revenue_month,
        line_count,
        locked_at,
        action_id,
        policy_decision_id,
        landed_file,
        line_number,
        landed_at
    from ranked
    where lock_number = 1
)

select * from final
