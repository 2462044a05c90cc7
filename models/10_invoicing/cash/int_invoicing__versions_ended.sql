with documents as (
    select * from {{ ref('fct_documents') }}
    where document_kind = 'invoice' and not is_internal
),

actions_allowed as (
    select * from {{ ref('fct_actions_allowed') }}
    where action = 'void_invoice'
),

voids as (
    select
        subject_id as invoice_id,
        cast({{ json_value('payload', "'version'") }} as integer) as version,
        min_by(landed_at, acted_at) as landed_at,
        min_by(policy_decision_id, acted_at) as policy_decision_id
    from actions_allowed
    group by
        subject_id,
        version
),

followed as (
    select
        *,
        lead(issued_at) over versions as next_issued_at,
        lead(landed_at) over versions as next_landed_at,
        lead(policy_decision_id) over versions as next_policy_decision_id
    from documents
    window versions as (partition by invoice_id order by version)
),

-- A version gives back what it drew when it is voided or replaced, whichever is first.
final as (
    select
        followed.document_id,
        followed.invoice_id,
        followed.version,
        followed.contract_id,
        followed.tenant_id,
        followed.total_amount,
        followed.tax_amount,
        followed.currency_code,
        followed.usd_per_unit,
        followed.issued_at,
        followed.voided_at,
        case
            when coalesce(followed.voided_at <= followed.next_issued_at, followed.is_void)
                then followed.voided_at
            else followed.next_issued_at
        end as ended_at,
        followed.landed_at,
        voids.landed_at as void_landed_at,
        case
            when coalesce(followed.voided_at <= followed.next_issued_at, followed.is_void)
                then voids.landed_at
            else followed.next_landed_at
        end as end_landed_at,
        followed.policy_decision_id,
        voids.policy_decision_id as void_policy_decision_id,
        case
            when coalesce(followed.voided_at <= followed.next_issued_at, followed.is_void)
                then voids.policy_decision_id
            else followed.next_policy_decision_id
        end as end_policy_decision_id,
        followed.landed_file,
        followed.line_number
    from followed
    left join voids
        on
            followed.invoice_id = voids.invoice_id
            and followed.version = voids.version
)

select * from final
