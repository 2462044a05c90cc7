with source as (
    select * from {{ ref('policy_decisions') }}
),

final as (
    select
        policy_decision_id,
        {{ parse_instant('decided_at') }} as decided_at,
        actor_id,
        rule_id,
        effect,
        subject_type,
        subject_id,
        case when scope in ('one act', 'act') then 'one_act' else scope end as scope,
        {{ parse_instant('valid_from_at') }} as valid_from_at,
        {{ parse_instant('valid_to_at') }} as valid_to_at
    from source
)

select * from final
