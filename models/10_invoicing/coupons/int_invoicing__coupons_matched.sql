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

coupons_spent as (
    select * from {{ ref('int_invoicing__coupons_spent') }}
),

-- What is issued has spent a coupon already; a period that is drafted anew spends it anew.
spent as (
    select
        coupon_id,
        cast(count(distinct billing_period_id) as integer) as spent_period_count
    from coupons_spent
    where billing_period_id not in (select lines_priced.billing_period_id from lines_priced)
    group by coupon_id
),

-- A coupon is for the drafts on whose last day it is in force. What is over the whole contract, as
-- a commitment's true-up is, is of no line and no plan: only general coupons are for it.
final as (
    select
        lines_priced.billing_period_id,
        coupons.coupon_id,
        lines_priced.line_number,
        coupons.coupon_scope,
        contracts.minor_unit,
        coupons.duration_period_count - coalesce(spent.spent_period_count, 0) as left_period_count,
        coupons.coupon_ratio,
        coupons.fixed_amount,
        lines_priced.amount,
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
            and periods.tax_point_date >= coupons.effective_from_at
            and periods.tax_point_date < coupons.effective_to_at
    left join spent
        on coupons.coupon_id = spent.coupon_id
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
