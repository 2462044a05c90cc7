with invoice_coupons as (
    select * from {{ ref('dim_coupons') }}
),

-- The documents that are issued do not say yet which coupons they took off, so none is spent.
final as (
    select
        coupon_id,
        cast(null as varchar) as billing_period_id
    from invoice_coupons
    where false
)

select * from final
