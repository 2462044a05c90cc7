with memos as (
    select distinct
        memo_id,
        issued_at
    from {{ ref('fct_memos') }}
),

document_lines as (
    select * from {{ ref('fct_document_lines') }}
),

document_line_taxes as (
    select * from {{ ref('fct_document_line_taxes') }}
),

taxes_spread as (
    select * from {{ ref('int_invoicing__memo_taxes_spread') }}
),

lines_reversed as (
    select * from {{ ref('int_invoicing__memo_lines_reversed') }}
),

final as (
    select
        document_lines.document_id as memo_id,
        document_lines.line_number as memo_line_number,
        document_line_taxes.tax_name,
        document_line_taxes.tax_ratio,
        document_line_taxes.tax_treatment,
        document_line_taxes.taxable_amount,
        document_line_taxes.tax_amount
    from memos
    inner join document_lines
        on memos.memo_id = document_lines.document_id
    inner join document_line_taxes
        on document_lines.document_line_id = document_line_taxes.document_line_id
    union all
    select
        document_id as memo_id,
        line_number as memo_line_number,
        tax_name,
        tax_ratio,
        tax_treatment,
        cast(amount - case
            when includes_tax
                then sum(tax_amount) over (partition by document_id, line_number)
            else 0
        end as decimal(22, 4)) as taxable_amount,
        tax_amount
    from taxes_spread
    union all
    select
        lines_reversed.document_id as memo_id,
        lines_reversed.line_number as memo_line_number,
        document_line_taxes.tax_name,
        document_line_taxes.tax_ratio,
        document_line_taxes.tax_treatment,
        cast(-document_line_taxes.taxable_amount as decimal(22, 4)) as taxable_amount,
        cast(-document_line_taxes.tax_amount as decimal(22, 4)) as tax_amount
    from lines_reversed
    inner join document_line_taxes
        on lines_reversed.reversed_line_id = document_line_taxes.document_line_id
)

select * from final
