with event_days as (
    select * from {{ ref('int_quality__event_days') }}
),

intake_days as (
    select * from {{ ref('rpt_intake_reconciliation') }}
),

rejected_events as (
    select * from {{ ref('fct_rejected_events') }}
),

anomalies as (
    select * from {{ ref('int_quality__anomalies_scored') }}
),

tenant_days as (
    select
        tenant_id,
        event_date,
        sum(event_count) as event_count,
        sum(zero_count) as zero_count,
        sum(negative_count) as negative_count,
        sum(late_count) as late_count,
        min(zero_event_id) as zero_event_id,
        min(negative_event_id) as negative_event_id
    from event_days
    group by
        tenant_id,
        event_date
),

-- Who sent it is not known, so the file is what somebody can look at.
rejected_days as (
    select
        landed_file,
        reason,
        cast(landed_at as date) as landed_date,
        count(*) as line_count,
        min(line_number) as first_line_number
    from rejected_events
    group by
        landed_file,
        reason,
        cast(landed_at as date)
),

final as (
    {% for monitor, count_column, example in [
        ('zero_quantity', 'zero_count', "', the first is ', zero_event_id"),
        ('negative_quantity', 'negative_count', "', the first is ', negative_event_id"),
        ('late_arrivals', 'late_count', "' landed late'"),
    ] -%}
        select
            {{ signal(
                monitor, 'tenant', 'tenant_id', 'event_date', count_column,
                "concat(" ~ count_column ~ ", ' of ', event_count, ' events', " ~ example ~ ")",
                population='event_count'
            ) }}
        from tenant_days
        where {{ count_column }} > 0
        union all
    {% endfor -%}
    select
        {{ signal(
            'duplicate_storm', 'tenant', 'tenant_id', 'intake_date', 'events_duplicate',
            "concat(events_duplicate, ' of ', lines_received, ' lines came before')",
            population='lines_received'
        ) }}
    from intake_days
    where events_duplicate > 0
    union all
    select
        {{ signal(
            'missing_tenant_tag', 'landed_file', 'landed_file', 'landed_date', 'line_count',
            "concat(line_count, ' lines with ', reason, ', the first is line ', first_line_number)"
        ) }}
    from rejected_days
    where reason in ('missing_tenant_id', 'unknown_tenant')
    union all
    select
        {{ signal(
            'rejected_lines', 'landed_file', "concat(landed_file, ': ', reason)", 'landed_date', 'line_count',
            "concat(line_count, ' lines, the first is line ', first_line_number)"
        ) }}
    from rejected_days
    where reason not in ('missing_tenant_id', 'unknown_tenant')
    union all
    select
        monitor,
        'series' as subject_type,
        concat_ws(':', measure, series_id) as subject_id,
        period_date as seen_date,
        cast(abs(observed - usual) as bigint) as occurrence_count,
        cast(abs(usual) as bigint) as population_count,
        null as age_days,
        cast(abs(score) as decimal(18, 6)) as score,
        concat(observed, ' where ', usual, ' is usual, ', score, ' robust deviations') as evidence
    from anomalies
)

select * from final
