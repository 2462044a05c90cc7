with skus as (
    select * from {{ ref('stg_catalogue__skus') }}
),

plans as (
    select * from {{ ref('stg_catalogue__price_plans') }}
),

packs as (
    select * from {{ ref('dim_packs') }}
),

-- A SKU sells a plan or a pack of the catalogue, or there is nothing to sell.
final as (
    select
        skus.sku,
        skus.sku_name,
        skus.sku_kind,
        skus.plan_id,
        plans.edition,
        skus.pack_id,
        packs.pack_name,
        skus.region,
        skus.price_change_policy
    from skus
    left join plans
        on skus.plan_id = plans.plan_id
    left join packs
        on skus.pack_id = packs.pack_id
    where coalesce(plans.plan_id, packs.pack_id) is not null
)

select * from final
