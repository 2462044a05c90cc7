with meter_hours as (
    select
        *,
        hour_start_at + interval 1 hour as hour_end_at
    from {{ ref('fct_meter_hours') }}
    where aggregation in ('time_weighted', 'sum_prorated')
),

as_of as (
    select * from {{ ref('dim_as_of') }}
),

-- A month that has not begun holds the level too, but nobody asks for it yet.
open_months as (
    select windows.*
    from {{ ref('dim_meter_windows') }} as windows
    inner join as_of
        on windows.window_start_at <= as_of.as_of_at
    where windows.closed_at is null and windows.reading_window = 'month'
),

-- What the month comes to if nothing more happens: the level is held to its end.
final as (
    select
        meter_hours.tenant_id,
        meter_hours.meter_id,
        meter_hours.dimensions_key,
        open_months.window_start_at,
        open_months.window_end_at,
        sum(case
            when meter_hours.hour_start_at < open_months.window_start_at
                then meter_hours.step_nanos * {{ microseconds_between(
                    'open_months.window_start_at', 'open_months.window_end_at'
                ) }}
            when meter_hours.aggregation = 'sum_prorated'
                then meter_hours.step_nanos * {{ microseconds_between(
                    "date_trunc('day', meter_hours.hour_start_at)", 'open_months.window_end_at'
                ) }}
            else meter_hours.step_nano_microseconds + meter_hours.step_nanos * {{
                microseconds_between('meter_hours.hour_end_at', 'open_months.window_end_at')
            }}
        end) as metered_nanos,
        sum(case
            when meter_hours.hour_start_at >= open_months.window_start_at
                then meter_hours.event_count
            else 0
        end) as event_count,
        sum(case
            when meter_hours.hour_start_at >= open_months.window_start_at
                then meter_hours.event_digest
            else 0
        end) as event_digest
    from meter_hours
    inner join open_months
        on meter_hours.hour_start_at < open_months.window_end_at
    group by
        meter_hours.tenant_id,
        meter_hours.meter_id,
        meter_hours.dimensions_key,
        open_months.window_start_at,
        open_months.window_end_at
)

select * from final
