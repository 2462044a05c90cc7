with contracts as (
    select * from {{ ref('dim_contracts') }}
),

tax_terms as (
    select
        *,
        contract_id as act_key
    from {{ ref('stg_catalogue__tax_terms') }}
),

policy_effects as (
    select * from {{ ref('fct_policy_effects') }}
),

allowed as (
    select tax_terms.*
    from tax_terms
    inner join policy_effects
        on
            policy_effects.act_source = 'tax_terms'
            and tax_terms.act_key = policy_effects.act_key
            and policy_effects.is_in_force
),

-- A contract without terms of its own, or with terms that no decision allows, has the defaults.
final as (
    select
        contracts.contract_id,
        coalesce(allowed.tax_rounding, 'per_invoice') as tax_rounding,
        coalesce(allowed.wallet_timing, 'after_tax') as wallet_timing,
        coalesce(allowed.prices_include_tax, false) as prices_include_tax,
        allowed.recorded_at,
        allowed.policy_decision_id
    from contracts
    left join allowed
        on contracts.contract_id = allowed.contract_id
)

select * from final
