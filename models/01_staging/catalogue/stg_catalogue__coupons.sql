with source as (
    select * from {{ ref('coupons') }}
),

final as (
    select
        coupon_id,
        contract_id,
        scope as coupon_scope,
        line_codes,
        pack_id,
        currency_code,
        description,
        cast(duration_period_count as integer) as duration_period_count,
        cast(coupon_ratio as decimal(16, 9)) as coupon_ratio,
        cast(fixed_amount as decimal(16, 9)) as fixed_amount,
        cast(start_date as timestamp) as effective_from_at,
        cast(end_date as timestamp) as effective_to_at,
        {{ parse_instant('recorded_at') }} as recorded_at,
        policy_decision_id
    from source
)

select * from final
