-- Invoice: net lines + tax = total, all in minor units, and the tax is the rate on the sum, rounded
-- once.
with lines as (
    select
        invoice_id,
        sum(amount) as amount,
        sum(tax_amount) as tax_amount,
        sum(amount * tax_ratio) as exact_tax_amount,
        bool_or(tax_amount is null) as has_unknown_tax
    from {{ ref('fct_invoice_lines') }}
    group by invoice_id
)

select invoices.invoice_id
from {{ ref('fct_invoices') }} as invoices
left join lines
    on invoices.invoice_id = lines.invoice_id
inner join {{ ref('dim_currencies') }} as currencies
    on invoices.currency_code = currencies.currency_code
where
    lines.invoice_id is null
    or invoices.subtotal_amount <> lines.amount
    or invoices.subtotal_amount <> {{ round_money(
        'invoices.subtotal_amount', 'currencies.minor_unit'
    ) }}
    or not (lines.has_unknown_tax or (
        invoices.tax_amount = lines.tax_amount
        and invoices.tax_amount = {{ round_money(
            'lines.exact_tax_amount', 'currencies.minor_unit'
        ) }}
        and invoices.total_amount = lines.amount + lines.tax_amount
    ))
