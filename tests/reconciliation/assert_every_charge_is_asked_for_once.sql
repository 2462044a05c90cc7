-- Billed, per billing period: what is charged now = what invoices and memos asked for, issued or
-- drafted, whatever was voided or rebilled between; agreed credits and coupons are beside it.
with stacked as (
    select billing_period_id, amount
    from {{ ref('fct_charges') }}
    union all
    select invoices.billing_period_id, -invoice_lines.price_amount as amount
    from {{ ref('fct_invoice_lines') }} as invoice_lines
    inner join {{ ref('fct_invoices') }} as invoices
        on
            invoice_lines.invoice_id = invoices.invoice_id
            and invoice_lines.version = invoices.version
    where invoices.status <> 'void'
    union all
    select billing_period_id, -price_amount as amount
    from {{ ref('fct_memos') }}
    where memo_reason <> 'agreed' and status <> 'void'
    union all
    select billing_period_id, -amount as amount
    from {{ ref('fct_charge_changes') }}
    where not is_issued
)

select billing_period_id, sum(amount) as difference_amount
from stacked
where
    billing_period_id not in (
        select periods_billed.billing_period_id
        from {{ ref('fct_periods_billed') }} as periods_billed
        where periods_billed.is_waived
    )
group by billing_period_id
having sum(amount) <> 0
