-- What coupons take off the lines of drafts is what each coupon took, never more than the line was,
-- and never more than a fixed amount is.
with parts as (
    select
        billing_period_id,
        charge_id,
        sum(coupon_amount) as coupon_amount
    from {{ ref('fct_invoice_coupons') }}
    group by
        billing_period_id,
        charge_id
),

drafted as (
    select lines.charge_id, lines.price_amount, lines.coupon_amount, invoices.billing_period_id
    from {{ ref('fct_invoice_lines') }} as lines
    inner join {{ ref('fct_invoices') }} as invoices
        on
            lines.invoice_id = invoices.invoice_id
            and lines.version = invoices.version
    where invoices.status = 'draft'
),

taken as (
    select
        billing_period_id,
        coupon_id,
        sum(coupon_amount) as coupon_amount
    from {{ ref('fct_invoice_coupons') }}
    group by
        billing_period_id,
        coupon_id
)

select coalesce(drafted.charge_id, parts.charge_id) as finding
from drafted
full join parts
    on
        drafted.billing_period_id = parts.billing_period_id
        and drafted.charge_id = parts.charge_id
where
    drafted.charge_id is null
    or drafted.coupon_amount <> coalesce(parts.coupon_amount, 0)
    or (drafted.coupon_amount <> 0 and drafted.coupon_amount > drafted.price_amount)
union all
select taken.coupon_id as finding
from taken
inner join {{ ref('dim_coupons') }} as coupons
    on taken.coupon_id = coupons.coupon_id
where taken.coupon_amount > coupons.fixed_amount
