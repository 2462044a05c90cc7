with source as (
    select * from {{ ref('standalone_prices') }}
),

final as (
    select
        contract_id,
        line_code,
        cast(standalone_amount as decimal(16, 9)) as standalone_amount,
        group_code,
        cast(group_amount as decimal(16, 9)) as group_amount,
        cast(effective_from_date as timestamp) as effective_from_at,
        cast(effective_to_date as timestamp) as effective_to_at,
        {{ parse_instant('recorded_at') }} as recorded_at,
        policy_decision_id
    from source
)

select * from final
