with source as (
    select * from {{ ref('revenue_policies') }}
),

final as (
    select
        revenue_policy_id,
        contract_id,
        line_code,
        fee_convention,
        fee_term,
        modification,
        cancellation,
        one_time_over,
        cast(one_time_months as integer) as one_time_months,
        shortfall,
        credit_memo,
        cast(effective_from_date as timestamp) as effective_from_at,
        cast(effective_to_date as timestamp) as effective_to_at,
        {{ parse_instant('recorded_at') }} as recorded_at,
        policy_decision_id
    from source
)

select * from final
