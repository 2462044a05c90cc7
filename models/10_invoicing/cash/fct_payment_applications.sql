with directed as (
    select * from {{ ref('int_invoicing__payments_directed') }}
    where applied_amount > 0
),

spread as (
    select * from {{ ref('int_invoicing__payments_spread') }}
),

final as (
    select
        payment_id,
        invoice_id,
        applied_amount
    from directed
    union all
    select
        payment_id,
        invoice_id,
        applied_amount
    from spread
)

select * from final
