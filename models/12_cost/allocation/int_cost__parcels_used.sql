{%- set parcel = parcel_columns() -%}
{%- set amounts = ['billed_picos', 'effective_picos'] -%}
with parcels as (
    select * from {{ ref('int_cost__parcels_handed_on') }}
),

cost_targets as (
    select * from {{ ref('fct_cost_targets') }}
),

totalled as (
    select
        {{ parcel | join(', ') }},
        sum(driver_nanos) as driver_nanos
    from cost_targets
    group by {{ parcel | join(', ') }}
),

-- A product with a cost has to fit, so weights have eighteen digits at the most.
scaled as (
    select
        parcels.*,
        totalled.driver_nanos,
        {{ to_nanos('parcels.capacity_quantity') }}
        * date_diff(parcels.driver_grain, parcels.slice_start_at, parcels.slice_end_at)
            as capacity_nanos,
        1 + greatest(
            coalesce(totalled.driver_nanos, 0), coalesce(capacity_nanos, 0)
        ) // 1000000000000000000 as scale
    from parcels
    left join totalled
        on {{ is_same_parcel('parcels', 'totalled') }}
),

-- What is not used of a capacity is idle, and below zero where more was used than there was: the sum
-- is the cost, whatever was used.
used as (
    select
        *,
        coalesce(driver_nanos, 0) // scale as used_weight,
        greatest(capacity_nanos // scale, 1) as capacity_weight,
        {% for amount in amounts -%}
            case
                when capacity_nanos is null then {{ amount }}
                else sign({{ amount }}) * (
                    {{ share_floor('abs(' ~ amount ~ ')', 'used_weight', 'capacity_weight') }}
                    + case
                        when 2 * {{ share_remainder(
                            'abs(' ~ amount ~ ')', 'used_weight', 'capacity_weight'
                        ) }} >= capacity_weight then 1
                        else 0
                    end
                )
            end as used_{{ amount }}{{ ',' if not loop.last }}
        {% endfor %}
    from scaled
),

final as (
    select
        {{ parcel | join(', ') }},
        pack_id,
        driver,
        reason,
        driver_nanos,
        capacity_nanos,
        scale,
        billed_picos,
        effective_picos,
        used_billed_picos,
        used_effective_picos
    from used
)

select * from final
