with source as (
    select * from {{ ref('event_categories') }}
),

final as (
    select
        category,
        default_pack_id
    from source
)

select * from final
