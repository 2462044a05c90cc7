{%- set described = [
    'invoice_id', 'version', 'tenant_id', 'contract_id', 'billing_period_id', 'issuing_entity_id',
    'is_internal', 'subtotal_amount', 'discount_amount', 'tax_amount', 'total_amount',
    'credits_applied_amount', 'amount_due', 'currency_code', 'total_usd', 'period_start_at',
    'period_end_at', 'due_date', 'lock_digest',
] -%}
with documents as (
    select * from {{ ref('fct_documents') }}
    where document_kind = 'invoice'
),

drafts as (
    select * from {{ ref('int_invoicing__drafts_totalled') }}
),

receivables as (
    select * from {{ ref('fct_receivables') }}
),

actions_allowed as (
    select * from {{ ref('fct_actions_allowed') }}
),

sent as (
    select
        subject_id as invoice_id,
        cast({{ json_value('payload', "'version'") }} as integer) as version,
        min(acted_at) as sent_at
    from actions_allowed
    where action = 'send_invoice'
    group by
        subject_id,
        version
),

versions as (
    select
        {{ described | join(',\n        ') }},
        document_number as invoice_number,
        is_void,
        issued_at,
        voided_at
    from documents
    union all
    select
        {{ described | join(',\n        ') }},
        null as invoice_number,
        false as is_void,
        null as issued_at,
        null as voided_at
    from drafts
),

-- What a version is follows from what was done; a version that was replaced is settled by its memo.
final as (
    select
        versions.invoice_id,
        versions.invoice_number,
        versions.version,
        versions.version = max(versions.version) over (partition by versions.invoice_id)
            as is_current,
        versions.tenant_id,
        versions.contract_id,
        versions.billing_period_id,
        versions.issuing_entity_id,
        case
            when versions.issued_at is null then 'draft'
            when versions.is_void then 'void'
            when versions.version < max(versions.version) filter (
                where versions.issued_at is not null
            ) over (partition by versions.invoice_id) then 'paid'
            when receivables.written_off_amount > 0 and receivables.open_amount = 0
                then 'uncollectible'
            when receivables.open_amount <= 0 then 'paid'
            when receivables.days_overdue > 0 then 'overdue'
            when receivables.paid_amount > 0 then 'partially_paid'
            when sent.sent_at is not null then 'sent'
            else 'issued'
        end as status,
        versions.is_internal,
        versions.subtotal_amount,
        versions.discount_amount,
        versions.tax_amount,
        versions.total_amount,
        versions.credits_applied_amount,
        versions.amount_due,
        versions.currency_code,
        versions.total_usd,
        versions.period_start_at,
        versions.period_end_at,
        versions.due_date,
        versions.issued_at,
        sent.sent_at,
        versions.voided_at,
        versions.lock_digest
    from versions
    left join receivables
        on versions.invoice_id = receivables.invoice_id
    left join sent
        on
            versions.invoice_id = sent.invoice_id
            and versions.version = sent.version
)

select * from final
