with source as (
    select * from {{ ref('capabilities') }}
),

final as (
    select
        capability_id,
        capability_name
    from source
)

select * from final
