with line_taxes as (
    select * from {{ ref('fct_draft_line_taxes') }}
),

final as (
    select
        {{ content_id(['billing_period_id', '1']) }} as invoice_id,
        version,
        tax_name,
        tax_ratio,
        tax_treatment,
        cast(sum(taxable_amount) as decimal(22, 4)) as taxable_amount,
        cast(sum(tax_amount) as decimal(22, 4)) as tax_amount
    from line_taxes
    group by
        billing_period_id,
        version,
        tax_name,
        tax_ratio,
        tax_treatment
)

select * from final
