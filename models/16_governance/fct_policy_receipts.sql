with policy_effects as (
    select * from {{ ref('fct_policy_effects') }}
),

written as (
    select
        act_id,
        policy_decision_id,
        known_from_at,
        {{ json_text({
            'act_amount': 'act_amount', 'act_id': 'act_id', 'act_ratio': 'act_ratio',
            'acted_at': 'acted_at', 'action': 'action', 'actor_id': 'actor_id',
            'approver_actor_id': 'approver_actor_id', 'currency_code': 'currency_code',
            'decided_at': 'decided_at', 'decision_actor_id': 'decision_actor_id',
            'policy_decision_id': 'policy_decision_id', 'rule_id': 'rule_id',
            'subject_id': 'subject_id', 'subject_type': 'subject_type',
        }) }} as canonical_body
    from policy_effects
    where is_in_force
),

-- What changed no money has no receipt.
final as (
    select
        sha256(canonical_body) as receipt_id,
        'act' as subject_type,
        act_id as subject_id,
        canonical_body,
        policy_decision_id,
        known_from_at as issued_at
    from written
)

select * from final
