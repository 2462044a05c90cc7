with commitments as (
    select
        *,
        commitment_id as act_key
    from {{ ref('stg_catalogue__commitments') }}
),

policy_effects as (
    select * from {{ ref('fct_policy_effects') }}
),

-- A commitment that no decision allows binds nobody.
final as (
    select
        commitments.commitment_id,
        commitments.contract_id,
        commitments.plan_version_id,
        commitments.currency_code,
        commitments.commitment_interval,
        commitments.is_trued_up,
        commitments.overage_factor,
        commitments.amount,
        commitments.effective_from_at,
        commitments.effective_to_at,
        commitments.recorded_at,
        commitments.policy_decision_id
    from commitments
    inner join policy_effects
        on
            policy_effects.act_source = 'commitments'
            and commitments.act_key = policy_effects.act_key
            and policy_effects.is_in_force
)

select * from final
