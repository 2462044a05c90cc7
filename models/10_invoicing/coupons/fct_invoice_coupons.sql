with coupons_applied as (
    select * from {{ ref('int_invoicing__coupons_applied') }}
),

lines_priced as (
    select * from {{ ref('int_invoicing__lines_priced') }}
),

coupons as (
    select * from {{ ref('dim_coupons') }}
),

contracts as (
    select * from {{ ref('dim_contracts') }}
),

final as (
    select
        coupons_applied.billing_period_id,
        coupons_applied.coupon_id,
        lines_priced.charge_id,
        coupons.contract_id,
        contracts.currency_code,
        coupons.description,
        coupons_applied.line_number,
        coupons_applied.coupon_sequence,
        coupons_applied.coupon_amount,
        coupons.policy_decision_id
    from coupons_applied
    inner join lines_priced
        on
            coupons_applied.billing_period_id = lines_priced.billing_period_id
            and coupons_applied.line_number = lines_priced.line_number
    inner join coupons
        on coupons_applied.coupon_id = coupons.coupon_id
    inner join contracts
        on coupons.contract_id = contracts.contract_id
)

select * from final
