with source as (
    select * from {{ ref('credit_breakage') }}
),

final as (
    select
        breakage_id,
        contract_id,
        cast(breakage_ratio as decimal(16, 9)) as breakage_ratio,
        cast(effective_from_date as timestamp) as effective_from_at,
        cast(effective_to_date as timestamp) as effective_to_at,
        {{ parse_instant('recorded_at') }} as recorded_at,
        policy_decision_id
    from source
)

select * from final
