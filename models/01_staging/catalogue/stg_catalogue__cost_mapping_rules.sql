with source as (
    select * from {{ ref('cost_mapping_rules') }}
),

final as (
    select
        rule_id,
        cast(rule_version as integer) as rule_version,
        cast(priority as integer) as priority,
        provider_name,
        service_name,
        tag_key,
        tag_value,
        allocation_method,
        driver_meter_id,
        pack_id,
        capability_id,
        resource_type,
        cost_category,
        cast(effective_from_date as timestamp) as effective_from_at,
        cast(effective_to_date as timestamp) as effective_to_at,
        {{ parse_instant('recorded_at') }} as recorded_at,
        policy_decision_id
    from source
)

select * from final
