with source as (
    select * from {{ ref('tier_features') }}
),

final as (
    select
        tier_id,
        tier_feature_id,
        tier_feature_name
    from source
)

select * from final
