with versions as (
    select * from {{ ref('int_invoicing__versions_ended') }}
),

document_credits as (
    select * from {{ ref('stg_landing__document_credits') }}
),

grants as (
    select * from {{ ref('fct_wallet_grants') }}
),

-- A grant that no decision allows any longer is nobody's money.
drawn as (
    select
        versions.*,
        document_credits.grant_id,
        coalesce(grants.grant_kind, 'granted') as grant_kind,
        document_credits.amount as drawn_amount
    from versions
    inner join document_credits
        on
            versions.landed_file = document_credits.landed_file
            and versions.line_number = document_credits.file_line_number
    left join grants
        on document_credits.grant_id = grants.grant_id
),

final as (
    select
        'wallet_draw' as receivable_event_type,
        document_id as source_id,
        invoice_id,
        contract_id,
        tenant_id,
        grant_id,
        grant_kind,
        -drawn_amount as owed_delta_amount,
        currency_code,
        usd_per_unit,
        issued_at as event_at,
        landed_at,
        policy_decision_id
    from drawn
    union all
    select
        'wallet_return' as receivable_event_type,
        document_id as source_id,
        invoice_id,
        contract_id,
        tenant_id,
        grant_id,
        grant_kind,
        drawn_amount as owed_delta_amount,
        currency_code,
        usd_per_unit,
        ended_at as event_at,
        end_landed_at as landed_at,
        end_policy_decision_id as policy_decision_id
    from drawn
    where ended_at is not null
)

select * from final
