with source as (
    select * from {{ ref('tiers') }}
),

final as (
    select
        tier_id,
        tier_name,
        cast(users_limit as bigint) as users_limit,
        cast(components_limit as bigint) as components_limit,
        cast(api_calls_limit as bigint) as api_calls_limit,
        cast(storage_gb_limit as bigint) as storage_gb_limit,
        support_level,
        cast(sla_uptime_ratio as decimal(16, 9)) as sla_uptime_ratio
    from source
)

select * from final
