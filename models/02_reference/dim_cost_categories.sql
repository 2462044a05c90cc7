with cost_categories as (
    select * from {{ ref('stg_catalogue__cost_categories') }}
),

final as (
    select
        cost_category,
        cost_category_name,
        is_cogs
    from cost_categories
)

select * from final
