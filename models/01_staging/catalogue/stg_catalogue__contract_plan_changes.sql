with source as (
    select * from {{ ref('contract_plan_changes') }}
),

final as (
    select
        contract_id,
        plan_id,
        change_policy,
        cast(effective_date as timestamp) as effective_from_at,
        {{ parse_instant('recorded_at') }} as recorded_at,
        policy_decision_id
    from source
)

select * from final
