with dunning_stages as (
    select * from {{ ref('stg_catalogue__dunning_stages') }}
),

final as (
    select
        dunning_stage,
        after_days,
        lead(after_days) over (order by after_days) as before_days
    from dunning_stages
)

select * from final
