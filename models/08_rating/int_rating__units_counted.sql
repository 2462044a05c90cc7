{%- set families = [
    'int_rating__usage_added', 'int_rating__actors_counted', 'int_rating__levels_held',
    'int_rating__values_ranked',
] -%}
with contract_lines as (
    select * from {{ ref('fct_rated_lines') }}
),

meters as (
    select * from {{ ref('dim_meters') }}
),

plan_lines as (
    select * from {{ ref('dim_plan_lines') }}
),

metered as (
    {% for family in families -%}
        select * from {{ ref(family) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- In the unit of the meter, as its definition at the start of the part says.
in_meter_units as (
    select
        metered.*,
        contract_lines.plan_line_id,
        {{ to_nanos('metered.quantity') }} as metered_nanos,
        cast(meters.unit_multiplier as hugeint) as unit_multiplier,
        cast(meters.unit_divisor as hugeint) as divisor,
        meters.rounding_function,
        {{ nanos_of_precision('meters.rounding_precision') }} as rounding_nanos
    from metered
    inner join contract_lines
        on metered.contract_line_id = contract_lines.contract_line_id
    inner join meters
        on
            contract_lines.meter_id = meters.meter_id
            and contract_lines.rated_from_at >= meters.effective_from_at
            and contract_lines.rated_from_at < meters.effective_to_at
),

-- And then in the unit that the plan prices.
in_priced_units as (
    select
        in_meter_units.contract_line_id,
        in_meter_units.group_value,
        in_meter_units.window_start_at,
        in_meter_units.event_count,
        in_meter_units.event_digest,
        {{ metered_quantity('in_meter_units.metered_nanos', 'in_meter_units') }} as quantity,
        {{ to_nanos(metered_quantity('in_meter_units.metered_nanos', 'in_meter_units')) }}
            as metered_nanos,
        cast(plan_lines.unit_multiplier as hugeint) as unit_multiplier,
        cast(plan_lines.unit_divisor as hugeint) as divisor,
        plan_lines.rounding_function,
        {{ nanos_of_precision('plan_lines.rounding_precision') }} as rounding_nanos
    from in_meter_units
    inner join plan_lines
        on in_meter_units.plan_line_id = plan_lines.plan_line_id
),

final as (
    select
        contract_line_id,
        group_value,
        window_start_at,
        quantity,
        {{ metered_quantity('metered_nanos') }} as priced_quantity,
        event_count,
        event_digest
    from in_priced_units
)

select * from final
