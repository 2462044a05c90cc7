with contract_quantities as (
    select
        *,
        {{ contract_range_key('line_code') }} as act_key
    from {{ ref('stg_catalogue__contract_quantities') }}
),

policy_effects as (
    select * from {{ ref('fct_policy_effects') }}
),

-- A quantity that no decision allows is not charged, and neither is it there.
final as (
    select
        contract_quantities.contract_id,
        contract_quantities.line_code,
        contract_quantities.quantity,
        contract_quantities.effective_from_at,
        contract_quantities.effective_to_at,
        contract_quantities.recorded_at,
        contract_quantities.policy_decision_id
    from contract_quantities
    inner join policy_effects
        on
            policy_effects.act_source = 'contract_quantities'
            and contract_quantities.act_key = policy_effects.act_key
            and policy_effects.is_in_force
)

select * from final
