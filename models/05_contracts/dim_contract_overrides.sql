with contract_overrides as (
    select
        *,
        {{ contract_range_key('line_code') }} as act_key
    from {{ ref('stg_catalogue__contract_overrides') }}
),

policy_effects as (
    select * from {{ ref('fct_policy_effects') }}
),

-- Other terms that no decision allows are not used; the line keeps its own.
final as (
    select
        contract_overrides.contract_id,
        contract_overrides.line_code,
        contract_overrides.plan_line_id,
        contract_overrides.effective_from_at,
        contract_overrides.effective_to_at,
        contract_overrides.recorded_at,
        contract_overrides.policy_decision_id
    from contract_overrides
    inner join policy_effects
        on
            policy_effects.act_source = 'contract_overrides'
            and contract_overrides.act_key = policy_effects.act_key
            and policy_effects.is_in_force
)

select * from final
