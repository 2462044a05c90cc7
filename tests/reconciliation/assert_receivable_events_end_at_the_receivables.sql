-- Receivable: the dated events of each invoice add up to what it owes, is paid, written off and
-- open; what they leave of the money that came in is the unapplied cash of its tenant.
with events as (
    select
        invoice_id,
        sum(owed_delta_amount) as owed_amount,
        sum(applied_delta_amount) as paid_amount,
        sum(written_off_delta_amount) as written_off_amount,
        sum(owed_delta_amount - applied_delta_amount - written_off_delta_amount) as open_amount
    from {{ ref('fct_receivable_events') }}
    group by invoice_id
),

unapplied as (
    select tenant_id, currency_code, cash_amount as amount
    from {{ ref('fct_cash_events') }}
    union all
    select tenant_id, currency_code, -applied_delta_amount as amount
    from {{ ref('fct_receivable_events') }}
    union all
    select tenant_id, currency_code, -unapplied_amount as amount
    from {{ ref('fct_payments') }}
)

select coalesce(events.invoice_id, receivables.invoice_id) as finding
from events
full join {{ ref('fct_receivables') }} as receivables
    on events.invoice_id = receivables.invoice_id
where
    events.owed_amount is distinct from
    receivables.billed_amount + receivables.memo_amount - receivables.credits_applied_amount
    or events.paid_amount is distinct from receivables.paid_amount
    or events.written_off_amount is distinct from receivables.written_off_amount
    or events.open_amount is distinct from receivables.open_amount
union all
select tenant_id as finding
from unapplied
group by tenant_id, currency_code
having sum(amount) <> 0
