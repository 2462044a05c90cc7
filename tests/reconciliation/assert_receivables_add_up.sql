-- Receivable, per tenant and currency: what is open = issued invoices and memos, voided ones apart,
-- less wallet, payments applied and write-offs.
with stacked as (
    select tenant_id, currency_code, open_amount + written_off_amount as amount
    from {{ ref('fct_receivables') }}
    union all
    select tenant_id, currency_code, -total_amount as amount
    from {{ ref('fct_invoices') }}
    where issued_at is not null and status <> 'void' and not is_internal
    union all
    select invoices.tenant_id, invoices.currency_code, invoices.credits_applied_amount as amount
    from {{ ref('fct_invoices') }} as invoices
    inner join {{ ref('fct_periods_billed') }} as periods_billed
        on
            invoices.billing_period_id = periods_billed.billing_period_id
            and invoices.version = periods_billed.live_version
    where not invoices.is_internal
    union all
    select tenant_id, currency_code, -(amount + tax_amount) as amount
    from {{ ref('fct_memos') }}
    where status = 'issued' and not is_internal
    union all
    select tenant_id, currency_code, received_amount - refunded_amount - unapplied_amount as amount
    from {{ ref('fct_payments') }}
)

select tenant_id, currency_code, sum(amount) as difference_amount
from stacked
group by tenant_id, currency_code
having sum(amount) <> 0
