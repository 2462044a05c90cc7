with documents as (
    select * from {{ ref('fct_documents') }}
    where document_kind = 'invoice'
),

document_line_taxes as (
    select * from {{ ref('fct_document_line_taxes') }}
),

draft_line_taxes as (
    select * from {{ ref('fct_draft_line_taxes') }}
),

final as (
    select
        document_line_taxes.document_line_id as invoice_line_id,
        documents.invoice_id,
        documents.version,
        document_line_taxes.tax_name,
        document_line_taxes.tax_ratio,
        document_line_taxes.tax_treatment,
        document_line_taxes.taxable_amount,
        document_line_taxes.tax_amount
    from document_line_taxes
    inner join documents
        on document_line_taxes.document_id = documents.document_id
    union all
    select
        {{ content_id(['charge_id', 'version']) }} as invoice_line_id,
        {{ content_id(['billing_period_id', '1']) }} as invoice_id,
        version,
        tax_name,
        tax_ratio,
        tax_treatment,
        taxable_amount,
        tax_amount
    from draft_line_taxes
)

select * from final
