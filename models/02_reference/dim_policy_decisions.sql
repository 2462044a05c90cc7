with decisions as (
    select * from {{ ref('stg_catalogue__policy_decisions') }}
),

final as (
    select
        policy_decision_id,
        actor_id,
        rule_id,
        effect,
        subject_type,
        subject_id,
        scope,
        decided_at,
        valid_from_at,
        valid_to_at
    from decisions
)

select * from final
