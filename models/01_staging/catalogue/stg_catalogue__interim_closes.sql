with source as (
    select * from {{ ref('interim_closes') }}
),

final as (
    select
        contract_id,
        cast(close_date as timestamp) as closes_at,
        {{ parse_instant('recorded_at') }} as recorded_at,
        policy_decision_id
    from source
)

select * from final
