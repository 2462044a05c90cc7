{%- set described = [
    'charge_id', 'line_type', 'line_code', 'pack_id', 'plan_line_id', 'description',
    'segment_start_at', 'segment_end_at',
] -%}
with periods_billed as (
    select * from {{ ref('fct_periods_billed') }}
),

documents as (
    select * from {{ ref('fct_documents') }}
    where document_kind = 'invoice' or memo_reason = 'late'
),

document_lines as (
    select * from {{ ref('fct_document_lines') }}
),

locks as (
    select * from {{ ref('fct_locks') }}
),

locked_charges as (
    select * from {{ ref('fct_locked_charges') }}
),

-- What was asked for so far, as priced: the invoice and what memos changed about it, or the
-- charges that are locked for it. What was credited by agreement stays credited.
stacked as (
    select
        document_lines.billing_period_id,
        document_lines.charge_key,
        documents.issued_at as asked_at,
        {% for column in described -%}
            document_lines.{{ column }},
        {% endfor -%}
        document_lines.exact_amount,
        document_lines.price_amount as amount
    from document_lines
    inner join documents
        on document_lines.document_id = documents.document_id
    inner join periods_billed
        on
            document_lines.invoice_id = periods_billed.invoice_id
            and document_lines.version = periods_billed.live_version
    where periods_billed.drafted_version is null
    union all
    select
        locked_charges.billing_period_id,
        locked_charges.charge_key,
        locks.locked_at as asked_at,
        {% for column in described -%}
            locked_charges.{{ column }},
        {% endfor -%}
        locked_charges.exact_amount,
        locked_charges.amount
    from locked_charges
    inner join locks
        on locked_charges.lock_id = locks.lock_id
    inner join periods_billed
        on
            locks.billing_period_id = periods_billed.billing_period_id
            and locks.version = periods_billed.drafted_version
),

final as (
    select
        billing_period_id,
        charge_key,
        {% for column in described -%}
            min_by({{ column }}, asked_at) as {{ column }},
        {% endfor -%}
        cast(sum(exact_amount) as decimal(38, 18)) as exact_amount,
        cast(sum(amount) as decimal(22, 4)) as amount
    from stacked
    group by
        billing_period_id,
        charge_key
)

select * from final
