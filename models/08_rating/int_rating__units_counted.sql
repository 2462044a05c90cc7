{%- set families = [
    'int_rating__usage_added', 'int_rating__actors_counted', 'int_rating__levels_held',
    'int_rating__values_ranked',
] -%}
with contract_lines as (
    select * from {{ ref('fct_rated_lines') }}
),

meters as (
    select
        * replace (cast(unit_multiplier as hugeint) as unit_multiplier),
        cast(unit_divisor as hugeint) as divisor,
        {{ nanos_of_precision('rounding_precision') }} as rounding_nanos
    from {{ ref('dim_meters') }}
),

plan_lines as (
    select
        * replace (cast(unit_multiplier as hugeint) as unit_multiplier),
        cast(unit_divisor as hugeint) as divisor,
        {{ nanos_of_precision('rounding_precision') }} as rounding_nanos
    from {{ ref('dim_plan_lines') }}
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
        metered.* replace ({{ in_units('metered.quantity', 'meters') }} as quantity),
        contract_lines.plan_line_id
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
final as (
    select
        in_meter_units.contract_line_id,
        in_meter_units.group_value,
        in_meter_units.window_start_at,
        in_meter_units.quantity,
        {{ in_units('in_meter_units.quantity', 'plan_lines') }} as priced_quantity,
        in_meter_units.event_count,
        in_meter_units.event_digest
    from in_meter_units
    inner join plan_lines
        on in_meter_units.plan_line_id = plan_lines.plan_line_id
)

select * from final
