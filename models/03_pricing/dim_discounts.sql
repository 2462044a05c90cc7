with discounts as (
    select
        *,
        discount_id as act_key
    from {{ ref('stg_catalogue__discounts') }}
),

policy_effects as (
    select * from {{ ref('fct_policy_effects') }}
),

-- A discount that no decision allows takes nothing off.
final as (
    select
        discounts.discount_id,
        discounts.contract_id,
        discounts.plan_version_id,
        discounts.line_code,
        discounts.pack_id,
        discounts.sequence,
        discounts.discount_ratio,
        discounts.effective_from_at,
        discounts.effective_to_at,
        discounts.recorded_at,
        discounts.policy_decision_id
    from discounts
    inner join policy_effects
        on
            policy_effects.act_source = 'discounts'
            and discounts.act_key = policy_effects.act_key
            and policy_effects.is_in_force
)

select * from final
