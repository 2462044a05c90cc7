{%- set detail_keys = meter_detail_keys() -%}
{#- Metadata is wide: it is read only where a meter counts values of it. -#}
{%- set metadata = 'events.metadata' if meter_distinct_keys() else "'{}'" -%}
with readings as (
    select * from {{ ref('fct_meter_readings') }}
    where is_current
),

selectors as (
    select * from {{ ref('int_metering__selectors_matched') }}
),

days as (
    select * from {{ ref('dim_meter_windows') }}
    where reading_window = '1d'
),

events as (
    select
        *,
        {{ class_key_of('class_key', 'metadata', detail_keys) }} as detailed_class_key
    from {{ ref('fct_usage_events') }}
),

corrections as (
    select
        *,
        {{ class_key_of('correcting_class_key', 'correcting_metadata', detail_keys) }}
            as detailed_class_key
    from {{ ref('fct_usage_corrections') }}
),

selected as (
    select
        readings.reading_id,
        readings.tenant_id,
        readings.period_start_at,
        readings.period_end_at,
        selectors.class_key,
        selectors.distinct_key,
        selectors.aggregation in ('count_distinct', 'count_distinct_prorated') as is_of_actors
    from readings
    inner join selectors
        on
            readings.meter_id = selectors.meter_id
            and readings.dimensions_key = selectors.dimensions_key
),

-- Not stored: the ids are found again, by tenant and day, among the events and the corrections.
final as (
    select
        selected.reading_id,
        events.event_id
    from selected
    inner join days
        on
            selected.period_start_at < days.window_end_at
            and selected.period_end_at > days.window_start_at
    inner join events
        on
            selected.tenant_id = events.tenant_id
            and selected.class_key = events.detailed_class_key
            and cast(days.window_start_at as date) = events.event_date
            and selected.period_start_at <= events.event_at
            and selected.period_end_at > events.event_at
    where
        not events.is_correction
        and (
            not selected.is_of_actors
            or {{ distinct_value('selected.distinct_key', 'events.actor_id', metadata) }}
            is not null
        )
    union all
    select
        selected.reading_id,
        corrections.correcting_event_id as event_id
    from selected
    inner join corrections
        on
            selected.tenant_id = corrections.tenant_id
            and selected.class_key = corrections.detailed_class_key
            and selected.period_start_at <= corrections.corrected_event_at
            and selected.period_end_at > corrections.corrected_event_at
    where
        not selected.is_of_actors
        or {{ distinct_value(
            'selected.distinct_key',
            'corrections.correcting_actor_id',
            'corrections.correcting_metadata',
        ) }} is not null
)

select * from final
