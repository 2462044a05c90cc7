with source as (
    select * from {{ ref('credit_grants') }}
),

final as (
    select
        grant_id,
        tenant_id,
        contract_id,
        currency_code,
        grant_kind,
        line_types,
        cast(priority as integer) as priority,
        cast(amount as decimal(22, 4)) as amount,
        {{ parse_instant('effective_at') }} as effective_at,
        {{ parse_instant('expires_at') }} as expires_at,
        {{ parse_instant('recorded_at') }} as recorded_at,
        policy_decision_id
    from source
)

select * from final
