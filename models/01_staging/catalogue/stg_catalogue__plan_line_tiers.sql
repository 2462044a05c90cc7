with source as (
    select * from {{ ref('plan_line_tiers') }}
),

final as (
    select
        plan_line_id,
        currency_code,
        cast(tier_number as integer) as tier_number,
        cast(up_to_quantity as decimal(22, 9)) as up_to_quantity,
        cast(unit_price as decimal(16, 9)) as unit_price,
        cast(flat_amount as decimal(16, 9)) as flat_amount
    from source
)

select * from final
