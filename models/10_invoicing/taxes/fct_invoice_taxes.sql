with line_taxes as (
    select * from {{ ref('fct_invoice_line_taxes') }}
),

final as (
    select
        invoice_id,
        version,
        tax_name,
        tax_ratio,
        tax_treatment,
        cast(sum(taxable_amount) as decimal(22, 4)) as taxable_amount,
        cast(sum(tax_amount) as decimal(22, 4)) as tax_amount
    from line_taxes
    group by
        invoice_id,
        version,
        tax_name,
        tax_ratio,
        tax_treatment
)

select * from final
