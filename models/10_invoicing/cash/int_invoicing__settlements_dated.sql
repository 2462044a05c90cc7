with cash_events as (
    select * from {{ ref('fct_cash_events') }}
),

spread as (
    select * from {{ ref('int_invoicing__payments_spread') }}
),

actions_allowed as (
    select * from {{ ref('fct_actions_allowed') }}
    where action = 'write_off'
),

invoices as (
    select * from {{ ref('int_invoicing__invoices_owed') }}
),

-- A payment of a tenant counts with the invoices that it pays, net of what was paid back.
stacked as (
    select
        cash_event_type as receivable_event_type,
        cash_event_id as source_id,
        payment_id,
        invoice_id,
        cash_amount as paid_delta_amount,
        null as asked_amount,
        currency_code,
        event_at,
        landed_at,
        policy_decision_id
    from cash_events
    where invoice_id is not null
    union all
    select
        'payment' as receivable_event_type,
        spread.payment_id as source_id,
        spread.payment_id,
        spread.invoice_id,
        spread.applied_amount as paid_delta_amount,
        null as asked_amount,
        cash_events.currency_code,
        cash_events.event_at,
        cash_events.landed_at,
        cash_events.policy_decision_id
    from spread
    inner join cash_events
        on spread.payment_id = cash_events.cash_event_id
    union all
    select
        'write_off' as receivable_event_type,
        actions_allowed.action_id as source_id,
        null as payment_id,
        actions_allowed.subject_id as invoice_id,
        0 as paid_delta_amount,
        actions_allowed.act_amount as asked_amount,
        invoices.currency_code,
        actions_allowed.acted_at as event_at,
        actions_allowed.landed_at,
        actions_allowed.policy_decision_id
    from actions_allowed
    inner join invoices
        on actions_allowed.subject_id = invoices.invoice_id
),

final as (
    select
        stacked.receivable_event_type,
        stacked.source_id,
        stacked.invoice_id,
        invoices.contract_id,
        invoices.tenant_id,
        stacked.payment_id,
        cast(stacked.paid_delta_amount as decimal(22, 4)) as paid_delta_amount,
        stacked.asked_amount,
        stacked.currency_code,
        stacked.event_at,
        stacked.landed_at,
        stacked.policy_decision_id
    from stacked
    inner join invoices
        on
            stacked.invoice_id = invoices.invoice_id
            and stacked.currency_code = invoices.currency_code
)

select * from final
