-- What is scheduled to be earned, in time past and to come, is what documents and drafts ask for.
-- A price that is earned over the whole term of its contract is also for periods to come.
with scheduled as (
    select
        spans.contract_id,
        sum(schedules.scheduled_amount) as amount
    from {{ ref('fct_revenue_schedules') }} as schedules
    inner join {{ ref('fct_revenue_spans') }} as spans
        on schedules.span_id = spans.span_id
    group by spans.contract_id
),

asked as (
    select
        invoices.contract_id,
        lines.net_amount as amount
    from {{ ref('fct_invoice_lines') }} as lines
    inner join {{ ref('fct_invoices') }} as invoices
        on
            lines.invoice_id = invoices.invoice_id
            and lines.version = invoices.version
            and invoices.status <> 'void'
    union all
    select
        contract_id,
        amount
    from {{ ref('fct_memos') }}
    where status = 'issued' or (status = 'draft' and memo_reason <> 'agreed')
    union all
    select
        contract_id,
        amount
    from {{ ref('fct_charge_changes') }}
    where not is_issued
    union all
    select
        contract_id,
        amount
    from {{ ref('fct_revenue_billings') }}
    where billing_kind = 'written_off'
),

totalled as (
    select
        contract_id,
        sum(amount) as amount
    from asked
    group by contract_id
)

select
    totalled.contract_id,
    totalled.amount as asked_amount,
    coalesce(scheduled.amount, 0) as scheduled_amount
from totalled
left join scheduled
    on totalled.contract_id = scheduled.contract_id
where
    totalled.amount <> coalesce(scheduled.amount, 0)
    and totalled.contract_id not in (
        select contract_id from {{ ref('fct_revenue_charges') }}
        where is_of_term
    )
