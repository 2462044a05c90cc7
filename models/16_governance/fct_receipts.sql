with rating_receipts as (
    select * from {{ ref('fct_rating_receipts') }}
),

final as (
    select
        receipt_id,
        subject_type,
        subject_id,
        canonical_body,
        policy_decision_id,
        issued_at
    from rating_receipts
)

select * from final
