with signals as (
    select * from {{ ref('fct_quality_signals') }}
),

monitors as (
    select * from {{ ref('stg_catalogue__quality_monitors') }}
),

as_of as (
    select * from {{ ref('dim_as_of') }}
),

grouped as (
    select
        monitor,
        subject_type,
        subject_id,
        arg_max(evidence, seen_date) as evidence,
        cast(sum(occurrence_count) as bigint) as occurrence_count,
        count(*) as seen_day_count,
        min(seen_date) as first_seen_date,
        max(seen_date) as last_seen_date
    from signals
    group by
        monitor,
        subject_type,
        subject_id
),

-- What is over after some days closes by itself; the rest is open for as long as it is there.
final as (
    select
        {{ content_id(['grouped.monitor', 'grouped.subject_type', 'grouped.subject_id']) }}
            as finding_id,
        grouped.monitor,
        monitors.severity,
        grouped.subject_type,
        grouped.subject_id,
        coalesce(
            grouped.last_seen_date + monitors.open_days > cast(as_of.as_of_at as date), true
        ) as is_open,
        grouped.evidence,
        monitors.remedy,
        grouped.occurrence_count,
        grouped.seen_day_count,
        grouped.first_seen_date,
        grouped.last_seen_date
    from grouped
    inner join monitors
        on grouped.monitor = monitors.monitor
    cross join as_of
)

select * from final
