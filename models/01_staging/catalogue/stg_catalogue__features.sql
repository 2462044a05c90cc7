with source as (
    select * from {{ ref('features') }}
),

final as (
    select
        feature_id,
        feature_name,
        pack_id,
        capability_id
    from source
)

select * from final
