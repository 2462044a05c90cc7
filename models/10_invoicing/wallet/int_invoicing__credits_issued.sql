with documents as (
    select * from {{ ref('fct_documents') }}
),

periods_billed as (
    select * from {{ ref('fct_periods_billed') }}
),

document_credits as (
    select * from {{ ref('stg_landing__document_credits') }}
),

-- A version that is void or was replaced has given back what it drew.
final as (
    select
        document_credits.grant_id,
        documents.billing_period_id,
        document_credits.amount,
        documents.issued_at as drawn_at
    from documents
    inner join periods_billed
        on
            documents.billing_period_id = periods_billed.billing_period_id
            and documents.version = periods_billed.live_version
    inner join document_credits
        on
            documents.landed_file = document_credits.landed_file
            and documents.line_number = document_credits.file_line_number
    where documents.document_kind = 'invoice'
)

select * from final
