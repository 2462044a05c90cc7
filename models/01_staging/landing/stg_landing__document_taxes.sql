with document_lines as (
    select * from {{ ref('stg_landing__document_lines') }}
),

opened as (
    select
        document_id,
        landed_file,
        file_line_number,
        document_line_id,
        unnest(taxes) as tax
    from document_lines
),

final as (
    select
        document_id,
        landed_file,
        file_line_number,
        document_line_id,
        tax.tax_name,
        tax.tax_ratio,
        tax.tax_treatment,
        tax.taxable_amount,
        tax.tax_amount
    from opened
)

select * from final
