with lines_metered as (
    select * from {{ ref('int_rating__lines_metered') }}
),

plan_tiers as (
    select * from {{ ref('fct_plan_tiers') }}
),

-- A package is charged whole as soon as it is begun.
in_units as (
    select
        *,
        case
            when charge_model = 'package'
                then cast(
                    ({{ to_nanos('billable_quantity') }} + {{ to_nanos('package_size') }} - 1)
                    // {{ to_nanos('package_size') }} as decimal(38, 9)
                )
            else billable_quantity
        end as units
    from lines_metered
),

-- Volume prices all units at the tier that the last one falls in; every other model fills tier by
-- tier. More units than a price can be multiplied by, exactly, are in no tier.
in_tiers as (
    select
        in_units.*,
        plan_tiers.tier_number,
        plan_tiers.unit_price,
        plan_tiers.flat_amount,
        (
            plan_tiers.tier_number = 1
            or in_units.units > plan_tiers.above_quantity
        ) and (
            in_units.charge_model <> 'volume'
            or in_units.units <= plan_tiers.up_to_quantity
        ) as is_reached,
        case in_units.charge_model
            when 'volume' then in_units.units
            else greatest(
                least(in_units.units, plan_tiers.up_to_quantity) - plan_tiers.above_quantity, 0
            )
        end as units_in_tier
    from in_units
    inner join plan_tiers
        on
            in_units.plan_line_id = plan_tiers.plan_line_id
            and in_units.currency_code = plan_tiers.currency_code
    where in_units.units < {{ largest_quantity() }}
),

final as (
    select
        contract_line_id,
        tier_number,
        currency_code,
        cast(units_in_tier as decimal(22, 9)) as units,
        unit_price,
        flat_amount,
        cast(
            cast(units_in_tier as decimal(22, 9)) * unit_price + flat_amount as decimal(38, 18)
        ) as amount
    from in_tiers
    where is_reached
)

select * from final
