with policy_effects as (
    select * from {{ ref('fct_policy_effects') }}
),

receipts as (
    select * from {{ ref('fct_policy_receipts') }}
),

-- A row of the catalogue has no author of its own: who allowed it, did it.
final as (
    select
        policy_effects.act_id,
        policy_effects.action,
        coalesce(policy_effects.actor_id, policy_effects.decision_actor_id) as actor_id,
        policy_effects.subject_type,
        policy_effects.subject_id,
        policy_effects.policy_decision_id,
        policy_effects.rule_id,
        policy_effects.decision_actor_id,
        policy_effects.approver_actor_id,
        policy_effects.is_in_force,
        policy_effects.is_second_approver_needed,
        policy_effects.reason,
        policy_effects.currency_code,
        policy_effects.act_amount,
        policy_effects.act_usd,
        policy_effects.act_ratio,
        policy_effects.acted_at,
        policy_effects.decided_at,
        policy_effects.known_from_at,
        policy_effects.landed_file,
        policy_effects.line_number,
        receipts.receipt_id
    from policy_effects
    left join receipts
        on policy_effects.act_id = receipts.subject_id
)

select * from final
