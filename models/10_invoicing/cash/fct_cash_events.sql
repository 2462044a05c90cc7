with payments as (
    select * from {{ ref('int_invoicing__payments_received') }}
),

actions_allowed as (
    select * from {{ ref('fct_actions_allowed') }}
    where action = 'refund_payment' and act_amount is not null
),

-- A refund follows its payment, whatever it says of itself.
refunds as (
    select
        actions_allowed.action_id,
        payments.payment_id,
        payments.tenant_id,
        payments.invoice_id,
        payments.received_amount,
        actions_allowed.act_amount,
        payments.currency_code,
        {{ later_of('actions_allowed.acted_at', 'payments.received_at') }} as event_at,
        actions_allowed.landed_at,
        actions_allowed.policy_decision_id
    from actions_allowed
    inner join payments
        on actions_allowed.subject_id = payments.payment_id
),

refunds_summed as (
    select
        *,
        sum(act_amount) over (
            partition by payment_id order by event_at, action_id
            rows between unbounded preceding and current row
        ) as asked_amount
    from refunds
),

-- No more is paid back than was paid.
final as (
    select
        payment_id as cash_event_id,
        payment_id,
        tenant_id,
        invoice_id,
        'payment' as cash_event_type,
        cast(received_amount as decimal(22, 4)) as cash_amount,
        currency_code,
        received_at as event_at,
        landed_at,
        policy_decision_id
    from payments
    union all
    select
        action_id as cash_event_id,
        payment_id,
        tenant_id,
        invoice_id,
        'refund' as cash_event_type,
        cast(
            {{ earlier_of('asked_amount - act_amount', 'received_amount') }}
            - {{ earlier_of('asked_amount', 'received_amount') }} as decimal(22, 4)
        ) as cash_amount,
        currency_code,
        event_at,
        landed_at,
        policy_decision_id
    from refunds_summed
)

select * from final
