{%- set open_end = 'cast(9999999999999 as decimal(22, 9))' -%}
with tiers as (
    select * from {{ ref('stg_catalogue__plan_line_tiers') }}
),

-- A tier runs from the end of the one below it, exclusive, to its own end, inclusive.
bounded as (
    select
        plan_line_id,
        currency_code,
        tier_number,
        coalesce(
            lag(up_to_quantity) over (
                partition by plan_line_id, currency_code order by tier_number
            ),
            0
        ) as above_quantity,
        coalesce(up_to_quantity, {{ open_end }}) as up_to_quantity,
        unit_price,
        flat_amount
    from tiers
),

final as (
    select
        plan_line_id,
        currency_code,
        tier_number,
        cast(above_quantity as decimal(22, 9)) as above_quantity,
        cast(up_to_quantity as decimal(22, 9)) as up_to_quantity,
        unit_price,
        flat_amount
    from bounded
)

select * from final
