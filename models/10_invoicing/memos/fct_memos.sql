with documents as (
    select * from {{ ref('fct_documents') }}
    where document_kind <> 'invoice'
),

document_lines as (
    select * from {{ ref('fct_document_lines') }}
),

lines_stacked as (
    select * from {{ ref('int_invoicing__memo_lines_stacked') }}
),

invoices as (
    select * from {{ ref('fct_documents') }}
    where document_kind = 'invoice'
),

contracts as (
    select * from {{ ref('dim_contracts') }}
),

issued as (
    select
        document_lines.*,
        documents.contract_id,
        documents.document_number as memo_number,
        documents.memo_reason,
        documents.action_id,
        documents.policy_decision_id,
        documents.issued_at
    from documents
    inner join document_lines
        on documents.document_id = document_lines.document_id
),

{% set described = [
    'document_id', 'line_number', 'contract_id', 'billing_period_id', 'invoice_id', 'version',
    'charge_key', 'charge_id', 'line_type', 'line_code', 'pack_id', 'plan_line_id', 'description',
    'exact_amount', 'price_amount', 'amount', 'coupon_amount', 'tax_amount', 'memo_reason',
    'reason', 'action_id', 'segment_start_at', 'segment_end_at', 'rated_usage_id', 'receipt_id',
] -%}
lines as (
    select
        {{ described | join(',\n        ') }},
        memo_number,
        policy_decision_id,
        issued_at
    from issued
    union all
    select
        {{ described | join(',\n        ') }},
        null as memo_number,
        null as policy_decision_id,
        null as issued_at
    from lines_stacked
),

-- A memo falls with the version of the invoice that it is for.
final as (
    select
        lines.document_id as memo_id,
        lines.line_number as memo_line_number,
        lines.memo_number,
        case
            when sum(lines.amount) over (partition by lines.document_id) < 0 then 'credit_memo'
            else 'debit_memo'
        end as memo_type,
        lines.memo_reason,
        case
            when lines.issued_at is null then 'draft'
            when invoices.is_void then 'void'
            else 'issued'
        end as status,
        lines.invoice_id,
        lines.version,
        lines.contract_id,
        contracts.tenant_id,
        lines.billing_period_id,
        lines.charge_key,
        lines.charge_id,
        lines.line_type,
        lines.line_code,
        lines.pack_id,
        lines.plan_line_id,
        lines.description,
        contracts.is_internal,
        cast(lines.exact_amount as decimal(38, 18)) as exact_amount,
        cast(lines.amount - lines.coupon_amount as decimal(22, 4)) as amount,
        cast(lines.coupon_amount as decimal(22, 4)) as coupon_amount,
        cast(lines.price_amount as decimal(22, 4)) as price_amount,
        cast(lines.tax_amount as decimal(22, 4)) as tax_amount,
        contracts.currency_code,
        lines.reason,
        lines.segment_start_at as period_start_at,
        lines.segment_end_at,
        lines.issued_at,
        lines.rated_usage_id,
        lines.receipt_id,
        lines.action_id,
        lines.policy_decision_id
    from lines
    inner join contracts
        on lines.contract_id = contracts.contract_id
    inner join invoices
        on
            lines.invoice_id = invoices.invoice_id
            and lines.version = invoices.version
)

select * from final
