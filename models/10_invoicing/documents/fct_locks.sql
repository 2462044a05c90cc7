with locks as (
    select * from {{ ref('stg_landing__locks') }}
    where is_digest_right
),

actions_allowed as (
    select * from {{ ref('fct_actions_allowed') }}
    where action in ('close_period', 'issue_invoice', 'rebill_invoice')
),

-- The first lock of a period's version counts; another one is listed as a mismatch.
ranked as (
    select
        locks.*,
        row_number() over (
            partition by locks.billing_period_id, locks.version
            order by locks.landed_at, locks.landed_file, locks.line_number
        ) as lock_number
    from locks
    inner join actions_allowed
        on locks.action_id = actions_allowed.action_id
),

final as (
    select
        lock_id,
        billing_period_id,
        version,
        contract_id,
        tenant_id,
        lock_digest,
        locked_at,
        action_id,
        policy_decision_id,
        landed_file,
        line_number
    from ranked
    where lock_number = 1
)

select * from final
