with payments as (
    select * from {{ ref('int_invoicing__payments_received') }}
    where invoice_id is not null
),

invoices as (
    select * from {{ ref('int_invoicing__invoices_owed') }}
),

-- Payments fill what an invoice owes in the order in which they came; what is above it is not
-- applied.
filled as (
    select
        payments.payment_id,
        payments.invoice_id,
        {{ later_of('invoices.owed_amount', '0') }} as owed_amount,
        sum(payments.kept_amount) over in_order as filled_to_amount,
        sum(payments.kept_amount) over in_order - payments.kept_amount as filled_from_amount
    from payments
    inner join invoices
        on
            payments.invoice_id = invoices.invoice_id
            and payments.currency_code = invoices.currency_code
    window
        in_order as (
            partition by payments.invoice_id order by payments.received_at, payments.payment_id
            rows between unbounded preceding and current row
        )
),

final as (
    select
        payment_id,
        invoice_id,
        cast(
            {{ earlier_of('filled_to_amount', 'owed_amount') }}
            - {{ earlier_of('filled_from_amount', 'owed_amount') }} as decimal(22, 4)
        ) as applied_amount
    from filled
)

select * from final
