with invoices as (
    select * from {{ ref('fct_invoices') }}
    where issued_at is not null and status <> 'void'
),

invoice_lines as (
    select * from {{ ref('fct_invoice_lines') }}
),

memos as (
    select * from {{ ref('fct_memos') }}
    where status = 'issued'
),

-- Net of coupons and before tax. A version that was replaced counts: its memo takes it back.
billed as (
    select
        invoices.tenant_id,
        invoices.contract_id,
        invoice_lines.pack_id,
        invoice_lines.line_type as revenue_kind,
        invoices.issued_at,
        invoices.currency_code,
        invoice_lines.net_amount as amount
    from invoices
    inner join invoice_lines
        on
            invoices.invoice_id = invoice_lines.invoice_id
            and invoices.version = invoice_lines.version
    union all
    select
        tenant_id,
        contract_id,
        pack_id,
        line_type as revenue_kind,
        issued_at,
        currency_code,
        amount
    from memos
),

final as (
    select
        tenant_id,
        contract_id,
        coalesce(pack_id, '(none)') as pack_id,
        revenue_kind,
        cast(date_trunc('month', issued_at) as date) as period_month,
        currency_code,
        cast(amount as decimal(38, 18)) as amount
    from billed
)

select * from final
