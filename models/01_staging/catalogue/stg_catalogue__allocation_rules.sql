with source as (
    select * from {{ ref('allocation_rules') }}
),

final as (
    select
        allocation_rule_id,
        cast(rule_version as integer) as rule_version,
        driver_grain,
        zero_driver,
        cast(effective_from_date as timestamp) as effective_from_at,
        cast(effective_to_date as timestamp) as effective_to_at,
        {{ parse_instant('recorded_at') }} as recorded_at,
        policy_decision_id
    from source
)

select * from final
