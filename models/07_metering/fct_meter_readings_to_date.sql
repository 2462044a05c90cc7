with readings as (
    select * from {{ ref('fct_meter_readings') }}
    where is_current
),

meter_hours as (
    select * from {{ ref('fct_meter_hours') }}
),

actor_days as (
    select * from {{ ref('fct_meter_actor_days') }}
),

open_windows as (
    select * from {{ ref('dim_meter_windows') }}
    where closed_at is null
),

-- The tail that no reading holds yet, so that nobody waits for a window to end. Levels and ranked
-- values are left out: they are only known when it has.
tail as (
    select
        tenant_id,
        meter_id,
        dimensions_key,
        reading_window,
        {{ window_start('reading_window', 'hour_start_at') }} as window_start_at,
        cast(sum(quantity) as decimal(38, 9)) as quantity,
        sum(event_count) as event_count
    from meter_hours
    where aggregation in ('sum', 'count')
    group by all
    union all
    select
        tenant_id,
        meter_id,
        dimensions_key,
        reading_window,
        {{ window_start('reading_window', 'day_start_at') }} as window_start_at,
        cast(count(distinct actor_id) filter (where is_active) as decimal(38, 9)) as quantity,
        sum(event_count) as event_count
    from actor_days
    where aggregation = 'count_distinct'
    group by all
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
        tail.tenant_id,
        tail.meter_id,
        tail.dimensions_key,
        true as is_provisional,
        tail.quantity,
        cast(tail.event_count as bigint) as event_count,
        tail.window_start_at as period_start_at,
        open_windows.window_end_at as period_end_at
    from tail
    inner join open_windows
        on
            tail.reading_window = open_windows.reading_window
            and tail.window_start_at = open_windows.window_start_at
)

select * from final
