{%- set open_end = 'cast(9999999999999 as decimal(22, 9))' -%}
with tiers as (
    select * from {{ ref('stg_catalogue__plan_line_tiers') }}
),

plan_lines as (
    select * from {{ ref('dim_plan_lines') }}
),

-- A tier runs from the end of the one below it, exclusive, to its own end, inclusive.
bounded as (
    select
        plan_line_id,
        currency_code,
        group_value,
        tier_number,
        cast(coalesce(lag(up_to_quantity) over ladder, 0) as decimal(22, 9)) as above_quantity,
        cast(coalesce(up_to_quantity, {{ open_end }}) as decimal(22, 9)) as up_to_quantity,
        unit_price,
        flat_amount,
        block_size
    from tiers
    window ladder as (partition by plan_line_id, currency_code, group_value order by tier_number)
),

-- What the units up to the end of a tier cost where all of them have its price.
filled as (
    select
        *,
        try_cast(
            case
                when block_size is null then up_to_quantity
                else {{ ceil_quotient('up_to_quantity', 'block_size') }}
            end as decimal(22, 9)
        ) * unit_price + flat_amount as full_amount
    from bounded
),

final as (
    select
        filled.plan_line_id,
        filled.currency_code,
        filled.group_value,
        filled.tier_number,
        filled.above_quantity,
        filled.up_to_quantity,
        filled.unit_price,
        filled.flat_amount,
        filled.block_size,
        cast(coalesce(max(filled.full_amount) over (
            partition by filled.plan_line_id, filled.currency_code, filled.group_value
            order by filled.tier_number rows between unbounded preceding and 1 preceding
        ), 0) as decimal(38, 18)) as full_amount_below
    from filled
    inner join plan_lines
        on filled.plan_line_id = plan_lines.plan_line_id
)

select * from final
