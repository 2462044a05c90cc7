{%- set parcel = parcel_columns() -%}
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

weighted as (
    select
        *,
        coalesce(driver_nanos, 0) // scale as used_weight,
        case when capacity_nanos is not null then greatest(capacity_nanos // scale, 1) end
            as capacity_weight
    from scaled
),

-- What is not used of a capacity is idle, and below zero where more was used than there was: the
-- sum is the cost, whatever was used.
used as (
    select
        *,
        {{ used_part('billed_picos', 'used_weight', 'capacity_weight') }} as used_billed_picos,
        {{ used_part('effective_picos', 'used_weight', 'capacity_weight') }}
            as used_effective_picos
    from weighted
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
        coalesce(used_billed_picos, billed_picos) as used_billed_picos,
        coalesce(used_effective_picos, effective_picos) as used_effective_picos
    from used
)

select * from final
