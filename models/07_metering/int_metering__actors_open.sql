with actor_days as (
    select * from {{ ref('fct_meter_actor_days') }}
),

open_windows as (
    select * from {{ ref('dim_meter_windows') }}
    where closed_at is null
),

active_days as (
    select
        tenant_id,
        meter_id,
        dimensions_key,
        aggregation,
        reading_window,
        actor_id,
        day_start_at,
        sum(weight) > 0 as is_active,
        sum(event_count) as event_count,
        sum(event_digest) as event_digest
    from actor_days
    group by all
),

-- Who was there so far, or on how many days.
final as (
    select
        active_days.tenant_id,
        active_days.meter_id,
        active_days.dimensions_key,
        open_windows.window_start_at,
        open_windows.window_end_at,
        count(distinct concat_ws(
            '|',
            case active_days.aggregation
                when 'count_distinct_prorated' then active_days.day_start_at
            end,
            active_days.actor_id
        )) filter (where active_days.is_active) * cast(1000000000 as hugeint) as metered_nanos,
        sum(active_days.event_count) as event_count,
        sum(active_days.event_digest) as event_digest
    from active_days
    inner join open_windows
        on
            {{ window_key('active_days.reading_window', 'active_days.day_start_at') }}
            = open_windows.window_key
    group by all
)

select * from final
