with source as (
    select * from {{ ref('tenant_families') }}
),

final as (
    select
        family_id,
        tenant_id,
        cast(effective_from_date as timestamp) as effective_from_at,
        cast(effective_to_date as timestamp) as effective_to_at,
        {{ parse_instant('recorded_at') }} as recorded_at,
        policy_decision_id
    from source
)

select * from final
