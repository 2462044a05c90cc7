-- Invoice: lines - coupons = net, net + tax = total, total - credits = due, all in minor units.
-- Where prices include tax, net and tax are what coupons left of the price.
with lines as (
    select
        invoice_id,
        version,
        sum(amount) as amount,
        sum(coupon_amount) as coupon_amount,
        sum(net_amount) as net_amount,
        sum(tax_amount) as tax_amount,
        sum(price_amount) as price_amount,
        bool_or(tax_amount is null) as has_unknown_tax
    from {{ ref('fct_invoice_lines') }}
    group by
        invoice_id,
        version
),

taxes as (
    select
        invoice_id,
        version,
        sum(tax_amount) as tax_amount
    from {{ ref('fct_invoice_line_taxes') }}
    group by
        invoice_id,
        version
)

select invoices.invoice_id
from {{ ref('fct_invoices') }} as invoices
inner join {{ ref('dim_tax_terms') }} as tax_terms
    on invoices.contract_id = tax_terms.contract_id
inner join {{ ref('dim_currencies') }} as currencies
    on invoices.currency_code = currencies.currency_code
left join lines
    on
        invoices.invoice_id = lines.invoice_id
        and invoices.version = lines.version
left join taxes
    on
        invoices.invoice_id = taxes.invoice_id
        and invoices.version = taxes.version
where
    lines.invoice_id is null
    or invoices.discount_amount <> lines.coupon_amount
    or invoices.credits_applied_amount < 0
    or not (lines.has_unknown_tax or (
        invoices.subtotal_amount = lines.amount
        and lines.net_amount = lines.amount - lines.coupon_amount
        and invoices.tax_amount = lines.tax_amount
        and invoices.tax_amount = coalesce(taxes.tax_amount, 0)
        and invoices.total_amount = lines.net_amount + lines.tax_amount
        and invoices.amount_due = invoices.total_amount - invoices.credits_applied_amount
        and (
            invoices.credits_applied_amount = 0
            or invoices.credits_applied_amount <= invoices.total_amount
        )
        and invoices.total_amount = {{ round_money(
            'invoices.total_amount', 'currencies.minor_unit'
        ) }}
        and (
            invoices.status <> 'draft'
            or not tax_terms.prices_include_tax
            or invoices.total_amount = lines.price_amount - lines.coupon_amount
        )
    ))
