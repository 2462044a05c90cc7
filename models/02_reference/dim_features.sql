with features as (
    select * from {{ ref('stg_catalogue__features') }}
),

capabilities as (
    select * from {{ ref('stg_catalogue__capabilities') }}
),

packs as (
    select * from {{ ref('stg_catalogue__packs') }}
),

final as (
    select
        features.feature_id,
        features.feature_name,
        features.capability_id,
        capabilities.capability_name,
        features.pack_id,
        packs.pack_name
    from features
    left join capabilities
        on features.capability_id = capabilities.capability_id
    left join packs
        on features.pack_id = packs.pack_id
)

select * from final
