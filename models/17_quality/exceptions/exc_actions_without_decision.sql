with policy_effects as (
    select * from {{ ref('fct_policy_effects') }}
),

final as (
    select
        act_id,
        act_source,
        act_key,
        action,
        actor_id,
        subject_type,
        subject_id,
        policy_decision_id,
        rule_id,
        decision_actor_id,
        reason,
        currency_code,
        act_amount,
        act_ratio,
        acted_at,
        landed_file,
        line_number
    from policy_effects
    where not is_in_force
)

select * from final
