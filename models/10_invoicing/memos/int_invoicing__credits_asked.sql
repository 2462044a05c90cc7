with actions_allowed as (
    select * from {{ ref('fct_actions_allowed') }}
    where action in ('issue_credit_memo', 'issue_debit_memo')
),

documents as (
    select * from {{ ref('fct_documents') }}
),

document_lines as (
    select * from {{ ref('fct_document_lines') }}
),

periods_billed as (
    select * from {{ ref('fct_periods_billed') }}
    where live_version is not null and drafted_version is null
),

-- What is left of a charge after all that was invoiced and corrected; one that is not above zero
-- takes no part.
left_over as (
    select
        invoice_id,
        charge_key,
        sum(net_amount) as net_amount
    from document_lines
    group by
        invoice_id,
        charge_key
    having sum(net_amount) > 0
),

-- What somebody decided to credit or to charge, and is on no memo yet.
asked as (
    select
        actions_allowed.action_id,
        actions_allowed.action,
        actions_allowed.act_amount,
        {{ json_value('actions_allowed.payload', "'invoice_line_id'") }} as asked_line_id,
        coalesce({{ json_value('actions_allowed.payload', "'reason'") }}, 'agreed') as reason,
        periods_billed.billing_period_id,
        periods_billed.contract_id,
        periods_billed.invoice_id,
        periods_billed.live_version as version
    from actions_allowed
    inner join periods_billed
        on actions_allowed.subject_id = periods_billed.invoice_id
    left join documents
        on actions_allowed.action_id = documents.action_id
    where documents.document_id is null
),

final as (
    select
        asked.action_id,
        asked.action,
        asked.billing_period_id,
        asked.contract_id,
        asked.invoice_id,
        asked.version,
        lines.charge_key,
        lines.charge_id,
        lines.line_type,
        lines.line_code,
        lines.pack_id,
        lines.plan_line_id,
        lines.description,
        asked.act_amount,
        cast(left_over.net_amount as decimal(22, 4)) as left_amount,
        asked.reason,
        lines.segment_start_at,
        lines.segment_end_at
    from asked
    inner join document_lines as lines
        on
            asked.invoice_id = lines.invoice_id
            and asked.version = lines.version
            and lines.document_kind = 'invoice'
            and coalesce(asked.asked_line_id, lines.document_line_id) = lines.document_line_id
    inner join left_over
        on
            asked.invoice_id = left_over.invoice_id
            and lines.charge_key = left_over.charge_key
)

select * from final
