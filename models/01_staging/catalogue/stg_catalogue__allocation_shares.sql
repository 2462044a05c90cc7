with source as (
    select * from {{ ref('allocation_shares') }}
),

final as (
    select
        allocation_rule_id,
        cast(rule_version as integer) as rule_version,
        cast(share_number as integer) as share_number,
        {{ parse_exact_decimal('share_ratio', 16, 9) }} as share_ratio,
        driver,
        driver_meter_id,
        next_allocation_rule_id,
        tenant_ids,
        same_as,
        {{ parse_exact_decimal('capacity_quantity', 22, 9) }} as capacity_quantity
    from source
)

select * from final
