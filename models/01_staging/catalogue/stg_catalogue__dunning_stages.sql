with source as (
    select * from {{ ref('dunning_stages') }}
),

final as (
    select
        dunning_stage,
        cast(after_days as integer) as after_days
    from source
)

select * from final
