with payments as (
    select * from {{ ref('int_invoicing__payments_received') }}
    where invoice_id is null
),

invoices as (
    select * from {{ ref('int_invoicing__invoices_owed') }}
),

directed as (
    select
        invoice_id,
        sum(applied_amount) as applied_amount
    from {{ ref('int_invoicing__payments_directed') }}
    group by invoice_id
),

open_invoices as (
    select
        invoices.invoice_id,
        invoices.tenant_id,
        invoices.currency_code,
        invoices.due_date,
        invoices.owed_amount - coalesce(directed.applied_amount, 0) as open_amount
    from invoices
    left join directed
        on invoices.invoice_id = directed.invoice_id
    where invoices.owed_amount > coalesce(directed.applied_amount, 0)
),

-- Both are laid end to end, payments as they came and invoices as they fall due; where they overlap
-- the one pays the other.
invoices_laid as (
    select
        *,
        sum(open_amount) over in_order - open_amount as from_amount,
        sum(open_amount) over in_order as to_amount
    from open_invoices
    window
        in_order as (
            partition by tenant_id, currency_code order by due_date, invoice_id
            rows between unbounded preceding and current row
        )
),

payments_laid as (
    select
        *,
        sum(kept_amount) over in_order - kept_amount as from_amount,
        sum(kept_amount) over in_order as to_amount
    from payments
    window
        in_order as (
            partition by tenant_id, currency_code order by received_at, payment_id
            rows between unbounded preceding and current row
        )
),

final as (
    select
        payments_laid.payment_id,
        invoices_laid.invoice_id,
        cast(
            {{ earlier_of('payments_laid.to_amount', 'invoices_laid.to_amount') }}
            - {{ later_of('payments_laid.from_amount', 'invoices_laid.from_amount') }}
            as decimal(22, 4)
        ) as applied_amount
    from payments_laid
    inner join invoices_laid
        on
            payments_laid.tenant_id = invoices_laid.tenant_id
            and payments_laid.currency_code = invoices_laid.currency_code
            and payments_laid.from_amount < invoices_laid.to_amount
            and payments_laid.to_amount > invoices_laid.from_amount
)

select * from final
