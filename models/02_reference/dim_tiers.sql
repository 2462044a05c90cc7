with tiers as (
    select * from {{ ref('stg_catalogue__tiers') }}
),

final as (
    select
        tier_id,
        tier_name,
        includes_tier_id,
        support_level,
        sla_uptime_ratio
    from tiers
)

select * from final
