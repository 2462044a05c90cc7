with packs as (
    select * from {{ ref('stg_catalogue__packs') }}
),

final as (
    select
        pack_id,
        pack_name
    from packs
)

select * from final
