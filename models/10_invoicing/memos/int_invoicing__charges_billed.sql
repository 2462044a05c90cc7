{%- set described = [
    'charge_id', 'line_type', 'line_code', 'pack_id', 'plan_line_id', 'description',
    'segment_start_at', 'segment_end_at',
] -%}
with periods_billed as (
    select * from {{ ref('fct_periods_billed') }}
    where live_version is not null and drafted_version is null
),

documents as (
    select * from {{ ref('fct_documents') }}
    where document_kind = 'invoice' or memo_reason = 'late'
),

document_lines as (
    select * from {{ ref('fct_document_lines') }}
),

-- What was billed so far: the invoice, and the changes that memos brought to it. What was credited
-- for another reason stays credited.
final as (
    select
        document_lines.billing_period_id,
        document_lines.charge_key,
        {% for column in described -%}
            min_by(document_lines.{{ column }}, documents.issued_at) as {{ column }},
        {% endfor -%}
        cast(sum(document_lines.exact_amount) as decimal(38, 18)) as exact_amount,
        cast(sum(document_lines.amount) as decimal(22, 4)) as amount
    from document_lines
    inner join documents
        on document_lines.document_id = documents.document_id
    inner join periods_billed
        on
            document_lines.invoice_id = periods_billed.invoice_id
            and document_lines.version = periods_billed.live_version
    group by
        document_lines.billing_period_id,
        document_lines.charge_key
)

select * from final
