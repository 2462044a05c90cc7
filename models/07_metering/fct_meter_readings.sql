{%- set grace = 'interval ' ~ (var('reading_grace_hours') | int) ~ ' hour' -%}
with windows_added as (
    select * from {{ ref('int_metering__windows_added') }}
),

actors_counted as (
    select * from {{ ref('int_metering__actors_counted') }}
),

levels_held as (
    select * from {{ ref('int_metering__levels_held') }}
),

as_of as (
    select * from {{ ref('dim_as_of') }}
),

computed as (
    select * from windows_added
    union all
    select * from actors_counted
    union all
    select * from levels_held
),

-- A window is read once it has ended and its grace is over; before that it is provisional.
ended as (
    select
        computed.*,
        {{ json_text({
            'business_unit_id': 'business_unit_id',
            'environment': 'environment',
            'pack_id': 'pack_id',
        }) }} as dimensions
    from computed
    inner join as_of
        on computed.window_end_at + {{ grace }} <= as_of.as_of_at
),

final as (
    select
        {{ content_id([
            'tenant_id', 'meter_id', 'window_start_at', 'window_end_at', 'dimensions', '1',
        ]) }} as reading_id,
        tenant_id,
        meter_id,
        md5(dimensions) as dimensions_key,
        dimensions,
        pack_id,
        environment,
        business_unit_id,
        cast(1 as integer) as sequence,
        true as is_current,
        'window_ended' as reason,
        quantity,
        quantity as delta_quantity,
        event_count,
        lpad(to_hex(event_digest), 24, '0') as events_digest,
        window_start_at as period_start_at,
        window_end_at as period_end_at,
        {{ later_of('window_end_at + ' ~ grace, 'last_landed_at') }} as known_from_at
    from ended
)

select * from final
