with billing_terms as (
    select
        *,
        {{ contract_range_key("'billing'") }} as act_key
    from {{ ref('stg_catalogue__billing_terms') }}
),

policy_effects as (
    select * from {{ ref('fct_policy_effects') }}
),

-- Terms that no decision allows are not used; the contract is billed by the defaults.
final as (
    select
        billing_terms.contract_id,
        billing_terms.anchor,
        billing_terms.anchor_date,
        billing_terms.fee_interval,
        billing_terms.fee_timing,
        billing_terms.proration,
        billing_terms.split_rounding,
        billing_terms.rounding_mode,
        billing_terms.time_zone,
        billing_terms.trial_end_date,
        billing_terms.service_from_at,
        billing_terms.service_to_at,
        billing_terms.auto_renew_months,
        billing_terms.cancelled_date,
        billing_terms.effective_from_at,
        billing_terms.effective_to_at,
        billing_terms.recorded_at,
        billing_terms.policy_decision_id
    from billing_terms
    inner join policy_effects
        on
            policy_effects.act_source = 'billing_terms'
            and billing_terms.act_key = policy_effects.act_key
            and policy_effects.is_in_force
)

select * from final
