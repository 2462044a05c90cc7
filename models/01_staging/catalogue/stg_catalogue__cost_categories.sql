with source as (
    select * from {{ ref('cost_categories') }}
),

final as (
    select
        cost_category,
        cost_category_name,
        cast(is_cogs as boolean) as is_cogs
    from source
)

select * from final
