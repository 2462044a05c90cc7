-- Invoice: subtotal - coupons + tax = total, all in minor units, from its lines and their taxes.
with lines as (
    select
        invoice_id,
        version,
        sum(amount) as amount,
        sum(tax_amount) as tax_amount,
        bool_or(tax_amount is null) as has_unknown_tax
    from {{ ref('fct_invoice_lines') }}
    group by invoice_id, version
),

taxes as (
    select
        invoice_id,
        version,
        sum(tax_amount) as tax_amount
    from {{ ref('fct_invoice_line_taxes') }}
    group by invoice_id, version
)

select invoices.invoice_id
from {{ ref('fct_invoices') }} as invoices
left join lines
    on
        invoices.invoice_id = lines.invoice_id
        and invoices.version = lines.version
left join taxes
    on
        invoices.invoice_id = taxes.invoice_id
        and invoices.version = taxes.version
inner join {{ ref('dim_currencies') }} as currencies
    on invoices.currency_code = currencies.currency_code
where
    invoices.subtotal_amount is distinct from lines.amount
    or invoices.subtotal_amount <> {{ round_money(
        'invoices.subtotal_amount', 'currencies.minor_unit'
    ) }}
    or not (lines.has_unknown_tax or (
        invoices.tax_amount = lines.tax_amount
        and invoices.tax_amount = coalesce(taxes.tax_amount, 0)
        and invoices.total_amount
        = lines.amount - invoices.discount_amount + lines.tax_amount
    ))
