with source as (
    select * from {{ ref('unit_cost_targets') }}
),

final as (
    select
        meter_id,
        pack_id,
        capability_ids,
        {{ parse_exact_decimal('target_unit_cost_usd', 16, 9) }} as target_unit_cost_usd,
        {{ parse_exact_decimal('regression_ratio', 16, 9) }} as regression_ratio,
        cast(effective_from_date as date) as effective_from_date,
        cast(effective_to_date as date) as effective_to_date,
        {{ parse_instant('recorded_at') }} as recorded_at,
        policy_decision_id
    from source
)

select * from final
