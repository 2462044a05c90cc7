with periods_billed as (
    select * from {{ ref('fct_periods_billed') }}
    where rebill_action_id is not null
),

documents as (
    select * from {{ ref('fct_documents') }}
    where document_kind = 'invoice' or memo_reason = 'late'
),

document_lines as (
    select * from {{ ref('fct_document_lines') }}
),

-- A rebill takes back the version that it replaces, and what came late for it. What was credited by
-- agreement stays so, whatever the version.
final as (
    select
        {{ content_id(['periods_billed.rebill_action_id', "'reversal'"]) }} as document_id,
        row_number() over (
            partition by periods_billed.invoice_id
            order by document_lines.document_kind desc, document_lines.document_line_id asc
        ) as line_number,
        document_lines.document_line_id as reversed_line_id,
        periods_billed.rebill_action_id as action_id,
        periods_billed.contract_id,
        document_lines.billing_period_id,
        document_lines.invoice_id,
        document_lines.version,
        document_lines.charge_key,
        document_lines.charge_id,
        document_lines.line_type,
        document_lines.line_code,
        document_lines.pack_id,
        document_lines.plan_line_id,
        document_lines.description,
        -document_lines.exact_amount as exact_amount,
        -document_lines.price_amount as price_amount,
        -document_lines.amount as amount,
        -document_lines.coupon_amount as coupon_amount,
        -document_lines.tax_amount as tax_amount,
        document_lines.segment_start_at,
        document_lines.segment_end_at,
        document_lines.rated_usage_id,
        document_lines.receipt_id
    from periods_billed
    inner join document_lines
        on
            periods_billed.invoice_id = document_lines.invoice_id
            and periods_billed.live_version = document_lines.version
    inner join documents
        on document_lines.document_id = documents.document_id
)

select * from final
