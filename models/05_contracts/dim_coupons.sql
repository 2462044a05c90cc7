with coupons as (
    select
        *,
        coupon_id as act_key
    from {{ ref('stg_catalogue__coupons') }}
),

policy_effects as (
    select * from {{ ref('fct_policy_effects') }}
),

-- A coupon that no decision allows takes nothing off.
final as (
    select
        coupons.coupon_id,
        coupons.contract_id,
        coupons.coupon_scope,
        coupons.line_codes,
        coupons.pack_id,
        coupons.currency_code,
        coupons.description,
        coupons.duration_period_count,
        coupons.coupon_ratio,
        coupons.fixed_amount,
        coupons.effective_from_at,
        coupons.effective_to_at,
        coupons.recorded_at,
        coupons.policy_decision_id
    from coupons
    inner join policy_effects
        on
            policy_effects.act_source = 'coupons'
            and coupons.act_key = policy_effects.act_key
            and policy_effects.is_in_force
)

select * from final
