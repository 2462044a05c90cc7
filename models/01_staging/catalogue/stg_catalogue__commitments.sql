with source as (
    select * from {{ ref('commitments') }}
),

final as (
    select
        commitment_id,
        contract_id,
        plan_version_id,
        currency_code,
        cast(amount as decimal(16, 9)) as amount,
        commitment_interval,
        coalesce(cast(overage_factor as decimal(9, 6)), 1) as overage_factor,
        coalesce(cast(is_trued_up as boolean), true) as is_trued_up,
        cast(start_date as timestamp) as effective_from_at,
        cast(end_date as timestamp) as effective_to_at,
        {{ parse_instant('recorded_at') }} as recorded_at,
        policy_decision_id
    from source
)

select * from final
