with actions_allowed as (
    select * from {{ ref('fct_actions_allowed') }}
),

documents as (
    select distinct
        invoice_id,
        tenant_id,
        currency_code
    from {{ ref('fct_documents') }}
    where document_kind = 'invoice'
),

refunds as (
    select
        subject_id as payment_id,
        sum(act_amount) as refunded_amount
    from actions_allowed
    where action = 'refund_payment'
    group by subject_id
),

-- A payment names an invoice, or a tenant whose oldest invoices it pays. No more is refunded than
-- was paid.
final as (
    select
        actions_allowed.action_id as payment_id,
        case when actions_allowed.subject_type = 'invoice' then actions_allowed.subject_id end
            as invoice_id,
        coalesce(
            documents.tenant_id,
            case when actions_allowed.subject_type = 'tenant' then actions_allowed.subject_id end,
            '(unknown)'
        ) as tenant_id,
        {{ json_value('actions_allowed.payload', "'method'") }} as payment_method,
        {{ json_value('actions_allowed.payload', "'reference'") }} as payment_reference,
        cast(actions_allowed.act_amount as decimal(22, 4)) as received_amount,
        cast({{ earlier_of(
            'coalesce(refunds.refunded_amount, 0)', 'actions_allowed.act_amount'
        ) }} as decimal(22, 4)) as refunded_amount,
        cast(
            actions_allowed.act_amount - {{ earlier_of(
                'coalesce(refunds.refunded_amount, 0)', 'actions_allowed.act_amount'
            ) }} as decimal(22, 4)
        ) as kept_amount,
        coalesce(actions_allowed.currency_code, documents.currency_code) as currency_code,
        actions_allowed.acted_at as received_at,
        actions_allowed.landed_at,
        actions_allowed.policy_decision_id
    from actions_allowed
    left join documents
        on actions_allowed.subject_id = documents.invoice_id
    left join refunds
        on actions_allowed.action_id = refunds.payment_id
    where
        actions_allowed.action = 'record_payment'
        and actions_allowed.act_amount > 0
)

select * from final
