{%- set key = [
    'tenant_id', 'meter_id', 'dimensions_key', 'window_start_at', 'window_end_at',
] -%}
{%- set log, range = readings_log(), var('backfill', {}) if execute else {} -%}
{%- set first = ref('int_metering__readings_first') -%}
{%- set in_range = 'true' if readings_compared() and not range else 'false' -%}
{%- if range -%}
    {%- set in_range -%}
        window_start_at >= {{ parse_instant("'" ~ range['from'] ~ "'") }}
        and window_start_at < {{ parse_instant("'" ~ range['to'] ~ "'") }}
        and meter_id = {{ "'" ~ range['meter'] ~ "'" if range.get('meter') else 'meter_id' }}
    {%- endset -%}
{%- endif -%}
with newest as (
    select max(landed_at) as landed_at
    from {{ ref('stg_landing__files') }}
),

versions as (
    select *
    from {{ ref('fct_pending_versions') }}
    where {{ in_range }}
),

-- A window that the definitions no longer select comes to nothing.
together as (
    select
        {{ key | join(', ') }},
        is_absolute,
        metered_nanos,
        event_count,
        event_digest,
        unit_multiplier,
        divisor,
        rounding_function,
        rounding_nanos,
        known_from_at
    from versions
    {% if log -%}
        union all
        select
            {{ key | join(', ') }},
            false as is_absolute,
            0 as metered_nanos,
            0 as event_count,
            0 as event_digest,
            null as unit_multiplier,
            null as divisor,
            null as rounding_function,
            null as rounding_nanos,
            timestamp '-infinity' as known_from_at
        from {{ first }}
        where {{ in_range }}
        union all
        select
            {{ key | join(', ') }},
            false as is_absolute,
            0 as metered_nanos,
            0 as event_count,
            0 as event_digest,
            null as unit_multiplier,
            null as divisor,
            null as rounding_function,
            null as rounding_nanos,
            timestamp '-infinity' as known_from_at
        from {{ log }}
        where {{ in_range }}
    {%- endif %}
),

-- What the present definitions make of a window, known from the newest batch on.
final as (
    select
        together.tenant_id,
        together.meter_id,
        together.dimensions_key,
        together.window_start_at,
        together.window_end_at,
        true as is_absolute,
        {% for measure, type in [
            ('metered_nanos', 'hugeint'), ('event_count', 'bigint'), ('event_digest', 'hugeint'),
        ] -%}
            cast(case
                when bool_or(together.is_absolute)
                    then max_by(together.{{ measure }}, together.known_from_at)
                else sum(together.{{ measure }})
            end as {{ type }}) as {{ measure }},
        {% endfor -%}
        coalesce(any_value(together.unit_multiplier), 1) as unit_multiplier,
        coalesce(any_value(together.divisor), 1) as divisor,
        any_value(together.rounding_function) as rounding_function,
        any_value(together.rounding_nanos) as rounding_nanos,
        'redefined' as reason,
        any_value(newest.landed_at) as known_from_at
    from together
    cross join newest
    group by
        together.tenant_id,
        together.meter_id,
        together.dimensions_key,
        together.window_start_at,
        together.window_end_at
)

select * from final
