with documents as (
    select * from {{ ref('fct_documents') }}
),

document_lines as (
    select * from {{ ref('fct_document_lines') }}
),

invoices as (
    select * from {{ ref('fct_invoices') }}
    where not is_internal
),

periods_billed as (
    select * from {{ ref('fct_periods_billed') }}
),

memos as (
    select * from {{ ref('fct_memos') }}
),

payments as (
    select * from {{ ref('fct_payments') }}
),

receivables as (
    select * from {{ ref('fct_receivables') }}
),

-- Issued, without what was voided, less what credits and payments paid of it.
owed as (
    select
        tenant_id,
        currency_code,
        total_amount as amount
    from invoices
    where
        issued_at is not null
        and status <> 'void'
    union all
    select
        invoices.tenant_id,
        invoices.currency_code,
        -invoices.credits_applied_amount as amount
    from invoices
    inner join periods_billed
        on
            invoices.billing_period_id = periods_billed.billing_period_id
            and invoices.version = periods_billed.live_version
    union all
    select
        tenant_id,
        currency_code,
        amount + tax_amount as amount
    from memos
    where
        status = 'issued'
        and not is_internal
    union all
    select
        tenant_id,
        currency_code,
        unapplied_amount + refunded_amount - received_amount as amount
    from payments
),

final as (
    select
        {{ seam_side(
            'invoice', 1, 'documents.document_id', 'documents.currency_code',
            'document_lines.net_amount + document_lines.tax_amount'
        ) }}
    from documents
    inner join document_lines
        on documents.document_id = document_lines.document_id
    union all
    select
        {{ seam_side('invoice', 2, 'document_id', 'currency_code', 'total_amount') }}
    from documents
    union all
    select
        {{ seam_side('receivable', 1, 'tenant_id', 'currency_code', 'amount') }}
    from owed
    union all
    select
        {{ seam_side(
            'receivable', 2, 'tenant_id', 'currency_code', 'open_amount + written_off_amount'
        ) }}
    from receivables
)

select * from final
