with documents as (
    select * from {{ ref('stg_landing__documents') }}
    where is_digest_right
),

actions_allowed as (
    select * from {{ ref('fct_actions_allowed') }}
),

allowed as (
    select documents.*
    from documents
    inner join actions_allowed
        on
            documents.action_id = actions_allowed.action_id
            and actions_allowed.action in (
                'close_period', 'issue_invoice', 'rebill_invoice', 'issue_credit_memo',
                'issue_debit_memo'
            )
),

ranked as (
    select
        *,
        row_number() over (
            partition by document_id order by landed_at, landed_file, line_number
        ) as copy_number
    from allowed
),

-- A void is of the version that it names, once; it may also waive what was asked for.
voided as (
    select
        subject_id as invoice_id,
        cast({{ json_value('payload', "'version'") }} as integer) as version,
        min(acted_at) as voided_at,
        bool_or(coalesce({{ json_value('payload', "'waive'") }} = 'true', false)) as is_waived
    from actions_allowed
    where action = 'void_invoice'
    group by
        subject_id,
        version
),

final as (
    select
        ranked.document_id,
        ranked.document_kind,
        ranked.document_number,
        ranked.memo_reason,
        ranked.invoice_id,
        ranked.version,
        ranked.contract_id,
        ranked.billing_period_id,
        ranked.tenant_id,
        ranked.issuing_entity_id,
        ranked.is_internal,
        voided.voided_at is not null as is_void,
        coalesce(voided.is_waived, false) as is_waived,
        ranked.subtotal_amount,
        ranked.discount_amount,
        ranked.tax_amount,
        ranked.total_amount,
        ranked.credits_applied_amount,
        ranked.amount_due,
        ranked.currency_code,
        ranked.usd_per_unit,
        ranked.total_usd,
        ranked.period_start_at,
        ranked.period_end_at,
        ranked.due_date,
        ranked.issued_at,
        voided.voided_at,
        ranked.lock_digest,
        ranked.document_digest,
        ranked.action_id,
        ranked.policy_decision_id,
        ranked.landed_file,
        ranked.line_number,
        ranked.landed_at
    from ranked
    left join voided
        on
            ranked.document_kind = 'invoice'
            and ranked.invoice_id = voided.invoice_id
            and ranked.version = voided.version
    where ranked.copy_number = 1
)

select * from final
