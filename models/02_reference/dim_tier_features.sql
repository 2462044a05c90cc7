with tiers as (
    select * from {{ ref('stg_catalogue__tiers') }}
),

tier_features as (
    select * from {{ ref('stg_catalogue__tier_features') }}
),

-- A tier has its own features and those of the tier that it includes.
offered as (
    select
        tiers.tier_id,
        tier_features.tier_feature_id,
        tier_features.tier_feature_name,
        false as is_included
    from tiers
    inner join tier_features
        on tiers.tier_id = tier_features.tier_id
    union all
    select
        tiers.tier_id,
        tier_features.tier_feature_id,
        tier_features.tier_feature_name,
        true as is_included
    from tiers
    inner join tier_features
        on tiers.includes_tier_id = tier_features.tier_id
),

final as (
    select
        tier_id,
        tier_feature_id,
        max(tier_feature_name) as tier_feature_name,
        min(is_included) as is_included
    from offered
    group by
        tier_id,
        tier_feature_id
)

select * from final
