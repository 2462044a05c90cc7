with bundles_weighed as (
    select * from {{ ref('int_revenue__bundles_weighed') }}
),

units as (
    select
        bundle_id,
        unit_code,
        any_value(minor_unit) as minor_unit,
        cast(
            any_value(bundle_amount) * {{ minor_units_in_one('any_value(minor_unit)') }} as hugeint
        ) as bundle_units,
        {{ to_nanos('any_value(unit_weight)') }} as weight
    from bundles_weighed
    group by
        bundle_id,
        unit_code
),

totalled as (
    select
        *,
        sum(weight) over (partition by bundle_id) as total_weight
    from units
),

units_shared as (
    select
        *,
        {{ largest_remainder_share(
            'bundle_units', 'weight', 'total_weight', 'bundle_id', 'unit_code'
        ) }} as unit_share
    from totalled
    where total_weight > 0
),

-- What a group gets is shared by what its lines cost alone.
lines_weighed as (
    select
        bundles_weighed.bundle_id,
        bundles_weighed.unit_code,
        bundles_weighed.charge_key,
        bundles_weighed.minor_unit,
        cast(units_shared.unit_share as hugeint) as unit_share,
        {{ to_nanos('bundles_weighed.line_weight') }} as weight,
        sum({{ to_nanos('bundles_weighed.line_weight') }}) over (
            partition by bundles_weighed.bundle_id, bundles_weighed.unit_code
        ) as total_weight
    from bundles_weighed
    inner join units_shared
        on
            bundles_weighed.bundle_id = units_shared.bundle_id
            and bundles_weighed.unit_code = units_shared.unit_code
),

lines_shared as (
    select
        *,
        {{ largest_remainder_share(
            'unit_share', 'weight', 'total_weight', 'bundle_id, unit_code', 'charge_key'
        ) }} as line_share
    from lines_weighed
    where total_weight > 0
),

final as (
    select
        charge_key,
        bundle_id,
        {{ from_minor_units('line_share', 'minor_unit') }} as allocated_amount
    from lines_shared
)

select * from final
