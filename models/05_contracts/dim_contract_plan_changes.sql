with contract_plan_changes as (
    select
        *,
        {{ contract_range_key('plan_id') }} as act_key
    from {{ ref('stg_catalogue__contract_plan_changes') }}
),

policy_effects as (
    select * from {{ ref('fct_policy_effects') }}
),

-- A change that no decision allows leaves the contract on its plan.
final as (
    select
        contract_plan_changes.contract_id,
        contract_plan_changes.plan_id,
        contract_plan_changes.change_policy,
        contract_plan_changes.effective_from_at,
        contract_plan_changes.recorded_at,
        contract_plan_changes.policy_decision_id
    from contract_plan_changes
    inner join policy_effects
        on
            policy_effects.act_source = 'contract_plan_changes'
            and contract_plan_changes.act_key = policy_effects.act_key
            and policy_effects.is_in_force
)

select * from final
