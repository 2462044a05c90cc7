with intake_days as (
    select * from {{ ref('fct_intake_days') }}
),

windows as (
    select * from {{ ref('dim_meter_windows') }}
    where reading_window = '1d'
),

as_of as (
    select * from {{ ref('dim_as_of') }}
),

thresholds as (
    select * from {{ ref('stg_catalogue__monitor_thresholds') }}
    where monitor = 'intake_drift'
),

first_days as (
    select
        tenant_id,
        min(intake_date) as first_date
    from intake_days
    group by tenant_id
),

-- A day on which a tenant sent nothing is a row too: silence is drift.
spine as (
    select
        first_days.tenant_id,
        cast(windows.window_start_at as date) as intake_date
    from first_days
    inner join windows
        on first_days.first_date <= cast(windows.window_start_at as date)
    inner join as_of
        on windows.window_end_at <= as_of.as_of_at
),

counted as (
    select
        spine.tenant_id,
        spine.intake_date,
        coalesce(intake_days.line_count, 0) as line_count,
        sum(coalesce(intake_days.line_count, 0)) over fortnight as fortnight_line_count,
        count(*) over fortnight as fortnight_day_count
    from spine
    left join intake_days
        on
            spine.tenant_id = intake_days.tenant_id
            and spine.intake_date = intake_days.intake_date
    window
        fortnight as (
            partition by spine.tenant_id
            order by spine.intake_date
            rows between 14 preceding and 1 preceding
        )
),

-- Against the mean of the fortnight before: nothing, or as much less or more as the catalogue calls
-- a drop or a surge; where it says nothing, nothing is one. A tenant that sent few lines a day is
-- too small to tell.
final as (
    select
        counted.tenant_id,
        counted.intake_date,
        case
            when
                thresholds.monitor is null
                or counted.fortnight_line_count < 14 * thresholds.minimum_daily_lines
                then 'none'
            when counted.line_count = 0 then 'silent'
            when
                counted.line_count * 14
                >= thresholds.surge_ratio * cast(counted.fortnight_line_count as decimal(18, 0))
                then 'surge'
            when
                counted.line_count * 14
                <= thresholds.drop_ratio * cast(counted.fortnight_line_count as decimal(18, 0))
                then 'drop'
            else 'none'
        end as alert_level,
        cast(counted.line_count as bigint) as line_count,
        cast(coalesce(counted.fortnight_line_count, 0) as bigint) as fortnight_line_count
    from counted
    left join thresholds
        on counted.fortnight_day_count >= 14
)

select * from final
