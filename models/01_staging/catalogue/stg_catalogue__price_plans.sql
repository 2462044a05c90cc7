with source as (
    select * from {{ ref('price_plans') }}
),

final as (
    select
        plan_id,
        sku,
        plan_name,
        edition,
        billing_interval
    from source
)

select * from final
