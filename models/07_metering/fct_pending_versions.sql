{%- set families = [
    'int_metering__additions_versioned', 'int_metering__levels_versioned',
    'int_metering__actors_versioned', 'int_metering__values_versioned',
] -%}
with meters as (
    select * from {{ ref('dim_meters') }}
),

stacked as (
    {% for family in families -%}
        select * from {{ ref(family) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- Each version with what makes a quantity of it.
final as (
    select
        stacked.tenant_id,
        stacked.meter_id,
        stacked.dimensions_key,
        stacked.is_first,
        stacked.is_absolute,
        stacked.metered_nanos,
        cast(meters.unit_multiplier as hugeint) as unit_multiplier,
        {{ meter_divisor('meters', 'stacked') }} as divisor,
        meters.rounding_function,
        {{ nanos_of_precision('meters.rounding_precision') }} as rounding_nanos,
        stacked.event_count,
        stacked.event_digest,
        case
            when stacked.correction_count > 0 then 'correction'
            when stacked.event_count = 0 then 'level_carried'
            else 'late_events'
        end as reason,
        stacked.window_start_at,
        stacked.window_end_at,
        stacked.known_from_at
    from stacked
    inner join meters
        on
            stacked.meter_id = meters.meter_id
            and stacked.window_start_at >= meters.effective_from_at
            and stacked.window_start_at < meters.effective_to_at
)

select * from final
