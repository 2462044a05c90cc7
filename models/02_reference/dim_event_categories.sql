with categories as (
    select * from {{ ref('stg_catalogue__event_categories') }}
),

packs as (
    select * from {{ ref('stg_catalogue__packs') }}
),

final as (
    select
        categories.category,
        packs.pack_id as default_pack_id
    from categories
    left join packs
        on categories.default_pack_id = packs.pack_id
)

select * from final
