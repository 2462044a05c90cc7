with rating_receipts as (
    select * from {{ ref('fct_rating_receipts') }}
),

policy_receipts as (
    select * from {{ ref('fct_policy_receipts') }}
),

document_receipts as (
    select * from {{ ref('fct_document_receipts') }}
),

final as (
    {% for receipts in ['rating_receipts', 'policy_receipts', 'document_receipts'] -%}
        select
            receipt_id,
            subject_type,
            subject_id,
            canonical_body,
            policy_decision_id,
            issued_at
        from {{ receipts }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from final
