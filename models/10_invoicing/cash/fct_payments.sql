with payments as (
    select * from {{ ref('int_invoicing__payments_received') }}
),

applied as (
    select
        payment_id,
        sum(applied_amount) as applied_amount
    from {{ ref('fct_payment_applications') }}
    group by payment_id
),

-- What pays no invoice is the customer's money: a liability until it is applied or refunded.
final as (
    select
        payments.payment_id,
        payments.tenant_id,
        payments.invoice_id,
        payments.payment_method,
        payments.payment_reference,
        payments.received_amount,
        payments.refunded_amount,
        cast(coalesce(applied.applied_amount, 0) as decimal(22, 4)) as applied_amount,
        cast(
            payments.kept_amount - coalesce(applied.applied_amount, 0) as decimal(22, 4)
        ) as unapplied_amount,
        payments.currency_code,
        payments.received_at,
        payments.policy_decision_id
    from payments
    left join applied
        on payments.payment_id = applied.payment_id
)

select * from final
