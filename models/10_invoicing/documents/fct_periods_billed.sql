with periods as (
    select * from {{ ref('fct_billing_periods') }}
),

documents as (
    select * from {{ ref('fct_documents') }}
    where document_kind = 'invoice'
),

actions_allowed as (
    select * from {{ ref('fct_actions_allowed') }}
    where action = 'rebill_invoice'
),

versions as (
    select
        billing_period_id,
        max(version) as last_version,
        max_by(invoice_id, version) as invoice_id,
        max_by(is_void, version) as is_void,
        max_by(is_waived, version) as is_waived
    from documents
    group by billing_period_id
),

rebills as (
    select
        subject_id as invoice_id,
        cast({{ json_value('payload', "'version'") }} as integer) as version,
        min_by(action_id, acted_at) as action_id
    from actions_allowed
    group by
        subject_id,
        version
),

-- A period is drafted until it is invoiced, and again after a void that does not waive it or when
-- it is to be rebilled.
final as (
    select
        periods.billing_period_id,
        periods.contract_id,
        periods.tenant_id,
        {{ content_id(['periods.billing_period_id', '1']) }} as invoice_id,
        case when not versions.is_void then versions.last_version end as live_version,
        case
            when versions.last_version is null then 1
            when versions.is_void and not versions.is_waived then versions.last_version + 1
            when not versions.is_void and rebills.action_id is not null
                then versions.last_version + 1
        end as drafted_version,
        case when not versions.is_void then rebills.action_id end as rebill_action_id,
        coalesce(versions.is_void and versions.is_waived, false) as is_waived
    from periods
    left join versions
        on periods.billing_period_id = versions.billing_period_id
    left join rebills
        on
            versions.invoice_id = rebills.invoice_id
            and versions.last_version = rebills.version
)

select * from final
