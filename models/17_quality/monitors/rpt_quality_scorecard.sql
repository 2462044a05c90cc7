with signals as (
    select * from {{ ref('fct_quality_signals') }}
),

monitors as (
    select * from {{ ref('stg_catalogue__quality_monitors') }}
    where severity <> 'off'
),

windows as (
    select * from {{ ref('dim_meter_windows') }}
    where reading_window = '1d'
),

-- From the first event on, and the days before it that something was seen of.
days as (
    select cast(window_start_at as date) as scorecard_date from windows
    union
    select seen_date as scorecard_date from signals
),

-- A day without a signal is a row too: nothing was seen, and somebody looked.
final as (
    select
        days.scorecard_date,
        monitors.monitor,
        monitors.severity,
        case when count(signals.monitor) > 0 then monitors.severity else 'pass' end as day_outcome,
        count(signals.monitor) as subject_count,
        cast(coalesce(sum(signals.occurrence_count), 0) as bigint) as occurrence_count
    from days
    cross join monitors
    left join signals
        on
            monitors.monitor = signals.monitor
            and days.scorecard_date = signals.seen_date
    group by
        days.scorecard_date,
        monitors.monitor,
        monitors.severity
)

select * from final
