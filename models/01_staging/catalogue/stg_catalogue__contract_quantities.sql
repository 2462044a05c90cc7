with source as (
    select * from {{ ref('contract_quantities') }}
),

final as (
    select
        contract_id,
        line_code,
        cast(quantity as decimal(22, 9)) as quantity,
        cast(start_date as timestamp) as effective_from_at,
        cast(end_date as timestamp) as effective_to_at,
        {{ parse_instant('recorded_at') }} as recorded_at,
        policy_decision_id
    from source
)

select * from final
