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
        bounded.plan_line_id,
        bounded.currency_code,
        bounded.tier_number,
        cast(bounded.above_quantity as decimal(22, 9)) as above_quantity,
        cast(bounded.up_to_quantity as decimal(22, 9)) as up_to_quantity,
        bounded.unit_price,
        bounded.flat_amount
    from bounded
    inner join plan_lines
        on bounded.plan_line_id = plan_lines.plan_line_id
)

select * from final
