with source as (
    select * from {{ ref('packs') }}
),

final as (
    select
        pack_id,
        pack_name
    from source
)

select * from final
