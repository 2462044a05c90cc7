with rated_units as (
    select * from {{ ref('fct_rated_units') }}
    where not is_priced_by_event
),

plan_lines as (
    select * from {{ ref('dim_plan_lines') }}
),

plan_tiers as (
    select * from {{ ref('fct_plan_tiers') }}
),

-- A group without prices of its own has those for any other.
group_prices as (
    select distinct plan_line_id, currency_code, group_value
    from plan_tiers
    where group_value <> ''
),

in_packages as (
    select
        rated_units.*,
        plan_lines.charge_model in ('volume', 'stairstep', 'blocks_top_tier') as is_top_tier_only,
        plan_lines.volume_edge,
        rated_units.is_without_group or plan_lines.flat_at_zero = 'not_charged'
            as is_free_unused,
        coalesce(group_prices.group_value, '') as price_group_value,
        case
            when plan_lines.charge_model <> 'package' then rated_units.billable_quantity
            when plan_lines.package_rounding = 'up'
                then cast({{ ceil_quotient(
                    'rated_units.billable_quantity', 'plan_lines.package_size'
                ) }} as decimal(38, 9))
            else cast(
                {{ to_nanos('rated_units.billable_quantity') }}
                // {{ to_nanos('plan_lines.package_size') }} as decimal(38, 9)
            )
        end as units
    from rated_units
    inner join plan_lines
        on rated_units.plan_line_id = plan_lines.plan_line_id
    left join group_prices
        on
            rated_units.plan_line_id = group_prices.plan_line_id
            and rated_units.currency_code = group_prices.currency_code
            and rated_units.group_value = group_prices.group_value
),

-- Some models price all units at the tier of the last one; the others fill tier by tier.
in_tiers as (
    select
        in_packages.*,
        plan_tiers.tier_number,
        plan_tiers.unit_price,
        plan_tiers.block_size,
        plan_tiers.full_amount_below,
        case
            when in_packages.billable_quantity = 0 and in_packages.is_free_unused then 0
            else plan_tiers.flat_amount
        end as flat_amount,
        case
            when in_packages.is_top_tier_only then in_packages.units
            else greatest(
                least(in_packages.units, plan_tiers.up_to_quantity) - plan_tiers.above_quantity, 0
            )
        end as units_in_tier
    from in_packages
    inner join plan_tiers
        on
            in_packages.plan_line_id = plan_tiers.plan_line_id
            and in_packages.currency_code = plan_tiers.currency_code
            and in_packages.price_group_value = plan_tiers.group_value
            and (plan_tiers.tier_number = 1 or in_packages.units > plan_tiers.above_quantity)
            and (
                not in_packages.is_top_tier_only or in_packages.units <= plan_tiers.up_to_quantity
            )
),

charged as (
    select
        *,
        units >= {{ largest_quantity() }} as is_too_large,
        cast(case
            when block_size is null then units_in_tier
            else {{ ceil_quotient('units_in_tier', 'block_size') }}
        end as decimal(38, 9)) as charged_units
    from in_tiers
),

-- More units than a price can be multiplied by, exactly, have an amount that is unknown.
final as (
    select
        contract_line_id,
        group_value,
        window_start_at,
        tier_number,
        currency_code,
        charged_units as units,
        unit_price,
        cast(flat_amount as decimal(16, 9)) as flat_amount,
        case
            when not is_too_large
                then greatest(
                    cast(
                        try_cast(charged_units as decimal(22, 9)) * unit_price + flat_amount
                        as decimal(38, 18)
                    ),
                    case
                        when volume_edge = 'full_previous_tier' and is_top_tier_only
                            then full_amount_below
                    end
                )
        end as amount
    from charged
)

select * from final
