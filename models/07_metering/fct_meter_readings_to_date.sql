with readings as (
    select * from {{ ref('fct_meter_readings') }}
    where is_current
),

meter_hours as (
    select * from {{ ref('fct_meter_hours') }}
),

meters as (
    select * from {{ ref('dim_meters') }}
),

open_windows as (
    select * from {{ ref('dim_meter_windows') }}
    where closed_at is null
),

-- The tail that no reading holds yet, so that nobody waits for a window to end.
grown as (
    select
        meter_hours.tenant_id,
        meter_hours.meter_id,
        meter_hours.dimensions_key,
        open_windows.window_start_at,
        open_windows.window_end_at,
        {{ to_nanos('coalesce(sum(meter_hours.quantity), 0)') }} as metered_nanos,
        sum(meter_hours.event_count) as event_count,
        sum(meter_hours.event_digest) as event_digest
    from meter_hours
    inner join open_windows
        on
            {{ window_key('meter_hours.reading_window', 'meter_hours.hour_start_at') }}
            = open_windows.window_key
    where meter_hours.aggregation in ('sum', 'count')
    group by all
),

tail as (
    select * from grown
    union all
    select * from {{ ref('int_metering__actors_open') }}
    union all
    select * from {{ ref('int_metering__levels_open') }}
    union all
    select * from {{ ref('int_metering__values_open') }}
),

-- In the unit of the meter and rounded as it says, like the reading.
defined as (
    select
        tail.*,
        cast(meters.unit_multiplier as hugeint) as unit_multiplier,
        {{ meter_divisor('meters', 'tail') }} as divisor,
        meters.rounding_function,
        {{ nanos_of_precision('meters.rounding_precision') }} as rounding_nanos
    from tail
    inner join meters
        on
            tail.meter_id = meters.meter_id
            and tail.window_start_at >= meters.effective_from_at
            and tail.window_start_at < meters.effective_to_at
    where tail.event_count <> 0 or tail.event_digest <> 0 or tail.metered_nanos <> 0
),

final as (
    select
        tenant_id,
        meter_id,
        dimensions_key,
        false as is_provisional,
        quantity,
        event_count,
        period_start_at,
        period_end_at
    from readings
    union all
    select
        tenant_id,
        meter_id,
        dimensions_key,
        true as is_provisional,
        {{ metered_quantity('metered_nanos') }} as quantity,
        cast(event_count as bigint) as event_count,
        window_start_at as period_start_at,
        window_end_at as period_end_at
    from defined
)

select * from final
