with documents as (
    select * from {{ ref('fct_documents') }}
),

document_lines as (
    select * from {{ ref('stg_landing__document_lines') }}
),

final as (
    select
        document_lines.document_line_id,
        documents.document_id,
        documents.document_kind,
        coalesce(document_lines.corrects_invoice_id, documents.invoice_id) as invoice_id,
        coalesce(document_lines.corrects_version, documents.version) as version,
        coalesce(document_lines.billing_period_id, documents.billing_period_id)
            as billing_period_id,
        document_lines.line_number,
        document_lines.line_type,
        document_lines.charge_key,
        document_lines.charge_id,
        document_lines.line_code,
        document_lines.pack_id,
        document_lines.plan_line_id,
        document_lines.description,
        document_lines.quantity,
        document_lines.unit_price,
        document_lines.exact_amount,
        document_lines.price_amount,
        document_lines.amount,
        document_lines.coupon_amount,
        document_lines.net_amount,
        document_lines.tax_amount,
        document_lines.reason,
        document_lines.segment_start_at,
        document_lines.segment_end_at,
        document_lines.rated_usage_id,
        document_lines.receipt_id
    from documents
    inner join document_lines
        on
            documents.landed_file = document_lines.landed_file
            and documents.line_number = document_lines.file_line_number
)

select * from final
