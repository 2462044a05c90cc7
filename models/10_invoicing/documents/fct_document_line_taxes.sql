with documents as (
    select * from {{ ref('fct_documents') }}
),

document_taxes as (
    select * from {{ ref('stg_landing__document_taxes') }}
),

final as (
    select
        document_taxes.document_line_id,
        documents.document_id,
        document_taxes.tax_name,
        document_taxes.tax_ratio,
        document_taxes.tax_treatment,
        document_taxes.taxable_amount,
        document_taxes.tax_amount
    from documents
    inner join document_taxes
        on
            documents.landed_file = document_taxes.landed_file
            and documents.line_number = document_taxes.file_line_number
)

select * from final
