with actions as (
    select * from {{ ref('fct_actions') }}
),

policy_effects as (
    select * from {{ ref('fct_policy_effects') }}
),

-- What no decision allows changes no money, so nothing in this chapter sees it.
final as (
    select
        actions.action_id,
        actions.action,
        actions.subject_type,
        actions.subject_id,
        actions.policy_decision_id,
        actions.currency_code,
        actions.act_amount,
        actions.payload,
        actions.acted_at,
        actions.landed_at
    from actions
    inner join policy_effects
        on
            policy_effects.act_source = 'actions'
            and actions.action_id = policy_effects.act_key
            and policy_effects.is_in_force
)

select * from final
