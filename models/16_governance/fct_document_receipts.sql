with documents as (
    select * from {{ ref('fct_documents') }}
),

landed_documents as (
    select * from {{ ref('stg_landing__documents') }}
),

-- A document is its own receipt: the digest that it was landed under is that of its text.
final as (
    select
        documents.document_digest as receipt_id,
        documents.document_kind as subject_type,
        documents.document_id as subject_id,
        landed_documents.body as canonical_body,
        documents.policy_decision_id,
        documents.issued_at
    from documents
    inner join landed_documents
        on
            documents.landed_file = landed_documents.landed_file
            and documents.line_number = landed_documents.line_number
)

select * from final
