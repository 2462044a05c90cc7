with interim_closes as (
    select
        *,
        {{ contract_range_key("'close'", 'closes_at') }} as act_key
    from {{ ref('stg_catalogue__interim_closes') }}
),

policy_effects as (
    select * from {{ ref('fct_policy_effects') }}
),

-- A close that no decision allows leaves the billing period whole.
final as (
    select
        interim_closes.contract_id,
        interim_closes.closes_at,
        interim_closes.recorded_at,
        interim_closes.policy_decision_id
    from interim_closes
    inner join policy_effects
        on
            policy_effects.act_source = 'interim_closes'
            and interim_closes.act_key = policy_effects.act_key
            and policy_effects.is_in_force
)

select * from final
