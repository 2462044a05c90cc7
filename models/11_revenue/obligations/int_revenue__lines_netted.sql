with documents as (
    select * from {{ ref('fct_documents') }}
),

invoices as (
    select * from {{ ref('fct_invoices') }}
),

invoice_lines as (
    select * from {{ ref('fct_invoice_lines') }}
),

memos as (
    select * from {{ ref('fct_memos') }}
),

charge_changes as (
    select * from {{ ref('fct_charge_changes') }}
    where not is_issued
),

invoices_rated as (
    select
        invoices.*,
        documents.usd_per_unit,
        coalesce(documents.is_waived, false) as is_waived
    from invoices
    left join documents
        on
            documents.document_kind = 'invoice'
            and invoices.invoice_id = documents.invoice_id
            and invoices.version = documents.version
),

-- Net of coupons and of tax. What is drafted is not asked for yet, but may have been earned; what
-- is void stays with the day it became so, as it was asked for until then.
final as (
    select
        invoice_lines.invoice_line_id as line_id,
        invoice_lines.charge_key,
        invoices_rated.invoice_id,
        invoices_rated.billing_period_id,
        invoices_rated.contract_id,
        invoice_lines.line_type,
        invoice_lines.line_code,
        invoice_lines.pack_id,
        invoice_lines.plan_line_id,
        null as agreed_by_action_id,
        invoices_rated.is_waived,
        invoice_lines.net_amount as amount,
        invoice_lines.tax_amount,
        invoices_rated.usd_per_unit,
        invoice_lines.segment_start_at,
        invoice_lines.segment_end_at,
        invoices_rated.issued_at,
        invoices_rated.voided_at
    from invoice_lines
    inner join invoices_rated
        on
            invoice_lines.invoice_id = invoices_rated.invoice_id
            and invoice_lines.version = invoices_rated.version
    union all
    select
        {{ content_id(['memos.memo_id', 'memos.memo_line_number']) }} as line_id,
        memos.charge_key,
        memos.invoice_id,
        memos.billing_period_id,
        memos.contract_id,
        memos.line_type,
        memos.line_code,
        memos.pack_id,
        memos.plan_line_id,
        case memos.memo_reason when 'agreed' then memos.action_id end as agreed_by_action_id,
        invoices_rated.is_waived,
        memos.amount,
        memos.tax_amount,
        documents.usd_per_unit,
        memos.period_start_at as segment_start_at,
        memos.segment_end_at,
        memos.issued_at,
        case memos.status when 'void' then invoices_rated.voided_at end as voided_at
    from memos
    inner join invoices_rated
        on
            memos.invoice_id = invoices_rated.invoice_id
            and memos.version = invoices_rated.version
    left join documents
        on memos.memo_id = documents.document_id
    union all
    select
        {{ content_id(['billing_period_id', 'charge_key', "'pending'"]) }} as line_id,
        charge_key,
        invoice_id,
        billing_period_id,
        contract_id,
        line_type,
        line_code,
        pack_id,
        plan_line_id,
        null as agreed_by_action_id,
        false as is_waived,
        amount,
        0 as tax_amount,
        null as usd_per_unit,
        segment_start_at,
        segment_end_at,
        null as issued_at,
        null as voided_at
    from charge_changes
)

select * from final
