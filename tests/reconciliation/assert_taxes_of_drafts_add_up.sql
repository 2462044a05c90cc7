-- Taxes of a draft: by line, by tax and in all they are the same sum; and it is rounded once, on
-- what its terms say.
with taxed as (
    select
        taxes.billing_period_id,
        currencies.minor_unit,
        case terms.tax_rounding
            when 'per_line' then taxes.charge_id
            when 'each_tax'
                then concat_ws('|', taxes.tax_name, taxes.tax_ratio, taxes.tax_treatment)
        end as rounding_key,
        taxes.tax_amount,
        taxes.exact_tax_amount
    from {{ ref('fct_draft_line_taxes') }} as taxes
    inner join {{ ref('fct_billing_periods') }} as periods
        on taxes.billing_period_id = periods.billing_period_id
    inner join {{ ref('dim_tax_terms') }} as terms
        on periods.contract_id = terms.contract_id
    inner join {{ ref('dim_currencies') }} as currencies
        on periods.currency_code = currencies.currency_code
),

rounded as (
    select
        billing_period_id,
        minor_unit,
        sum(tax_amount) as tax_amount,
        round(sum(exact_tax_amount), 10) as exact_tax_amount
    from taxed
    group by
        billing_period_id,
        minor_unit,
        rounding_key
),

by_tax as (
    select
        invoice_id,
        version,
        sum(tax_amount) as tax_amount
    from {{ ref('fct_invoice_taxes') }}
    group by
        invoice_id,
        version
)

select billing_period_id as finding
from rounded
where tax_amount <> {{ round_money('exact_tax_amount', 'minor_unit') }}
union all
select invoices.invoice_id as finding
from {{ ref('fct_invoices') }} as invoices
left join by_tax
    on
        invoices.invoice_id = by_tax.invoice_id
        and invoices.version = by_tax.version
where
    invoices.status = 'draft'
    and invoices.tax_amount <> coalesce(by_tax.tax_amount, 0)
