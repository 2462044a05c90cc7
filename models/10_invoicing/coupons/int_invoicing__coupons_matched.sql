with lines_priced as (
    select * from {{ ref('int_invoicing__lines_priced') }}
),

periods as (
    select * from {{ ref('fct_billing_periods') }}
),

contracts as (
    select * from {{ ref('dim_contracts') }}
),

coupons as (
    select * from {{ ref('dim_coupons') }}
),

-- A coupon is for the drafts on whose last day it is in force. What is over the whole contract, such
-- as a commitment's true-up, is of no line and no plan: only general coupons are for it.
final as (
    select
        lines_priced.billing_period_id,
        coupons.coupon_id,
        lines_priced.line_number,
        lines_priced.amount,
        contracts.minor_unit,
        coupons.coupon_scope,
        coupons.duration_period_count,
        coupons.coupon_ratio,
        coupons.fixed_amount,
        coupons.recorded_at,
        periods.period_start_at
    from lines_priced
    inner join periods
        on lines_priced.billing_period_id = periods.billing_period_id
    inner join contracts
        on periods.contract_id = contracts.contract_id
    inner join coupons
        on
            periods.contract_id = coupons.contract_id
            and periods.period_end_at > coupons.effective_from_at
            and periods.period_end_at <= coupons.effective_to_at
    where
        coupons.coupon_scope = 'all'
        or (
            coupons.coupon_scope = 'line'
            and {{ is_listed('lines_priced.line_code', 'coupons.line_codes') }}
        )
        or (
            coupons.coupon_scope = 'plan'
            and lines_priced.line_code is not null
            and coalesce(coupons.pack_id, lines_priced.pack_id) = lines_priced.pack_id
        )
)

select * from final
