with source as (
    select * from {{ ref('plan_line_tiers') }}
),

final as (
    select
        plan_line_id,
        currency_code,
        coalesce(group_value, '') as group_value,
        cast(tier_number as integer) as tier_number,
        cast(up_to_quantity as decimal(22, 9)) as up_to_quantity,
        cast(unit_price as decimal(16, 9)) as unit_price,
        cast(flat_amount as decimal(16, 9)) as flat_amount,
        cast(block_size as decimal(22, 9)) as block_size
    from source
)

select * from final
