with source as (
    select * from {{ ref('skus') }}
),

final as (
    select
        sku,
        sku_name,
        sku_kind,
        plan_id,
        pack_id,
        region,
        price_change_policy
    from source
)

select * from final
