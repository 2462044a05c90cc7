with source as (
    select * from {{ ref('tiers') }}
),

final as (
    select
        tier_id,
        tier_name,
        includes_tier_id,
        users_limit,
        components_limit,
        api_calls_limit,
        storage_gb_limit,
        support_level,
        cast(sla_uptime_ratio as decimal(16, 9)) as sla_uptime_ratio
    from source
)

select * from final
