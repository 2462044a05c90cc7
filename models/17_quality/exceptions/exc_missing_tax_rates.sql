with invoices as (
    select * from {{ ref('fct_invoices') }}
),

final as (
    select
        invoice_id,
        tenant_id,
        contract_id,
        period_start_at
    from invoices
    where tax_amount is null
)

select * from final
