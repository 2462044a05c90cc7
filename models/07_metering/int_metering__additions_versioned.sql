{%- set pending_at = readings_pending_at() -%}
{%- set closing_from_at = windows_closing_from(pending_at) -%}
with selectors as (
    select * from {{ ref('int_metering__selectors_matched') }}
),

windows as (
    select * from {{ ref('dim_meter_windows') }}
    where closed_at is not null
),

-- What has landed since the readings were made, and what waited for its window to close. Each side
-- names the table, so that it skips the blocks of other batches or hours.
pending as (
    select * from {{ ref('int_metering__hours_added') }}
    where landed_at >= {{ pending_at }}
    union all
    select * from {{ ref('int_metering__hours_added') }}
    where landed_at < {{ pending_at }} and hour_start_at >= {{ closing_from_at }}
),

selected as (
    select
        pending.tenant_id,
        selectors.series_key,
        {{ window_key('selectors.reading_window', 'pending.hour_start_at') }} as window_key,
        case
            when selectors.aggregation = 'count' then pending.event_count
            when selectors.value_field = 'bytes' then pending.byte_count
            else pending.quantity
        end as quantity,
        pending.source_event_count,
        pending.correction_count,
        pending.event_digest,
        pending.landed_at
    from pending
    inner join selectors
        on
            pending.class_key = selectors.class_key
            and pending.hour_start_at >= selectors.effective_from_at
            and pending.hour_start_at < selectors.effective_to_at
    where selectors.aggregation in ('sum', 'count')
),

-- Sums and counts grow by what each batch brings.
grown as (
    select
        selected.tenant_id,
        selected.series_key,
        selected.window_key,
        sum(selected.quantity) as quantity,
        sum(selected.source_event_count) as event_count,
        sum(selected.correction_count) as correction_count,
        sum(selected.event_digest) as event_digest,
        {{ later_of('windows.closed_at', 'selected.landed_at') }} as known_from_at
    from selected
    inner join windows
        on selected.window_key = windows.window_key
    where {{ later_of('windows.closed_at', 'selected.landed_at') }} >= {{ pending_at }}
    group by
        selected.tenant_id,
        selected.series_key,
        selected.window_key,
        {{ later_of('windows.closed_at', 'selected.landed_at') }}
),

series as (
    select distinct
        series_key,
        meter_id,
        dimensions_key
    from {{ ref('int_metering__selectors_matched') }}
),

final as (
    select
        grown.tenant_id,
        series.meter_id,
        series.dimensions_key,
        windows.window_start_at,
        windows.window_end_at,
        grown.known_from_at = windows.closed_at as is_first,
        false as is_absolute,
        {{ to_nanos('coalesce(grown.quantity, 0)') }} as metered_nanos,
        cast(grown.event_count as bigint) as event_count,
        cast(grown.correction_count as bigint) as correction_count,
        cast(grown.event_digest as hugeint) as event_digest,
        grown.known_from_at
    from grown
    inner join series
        on grown.series_key = series.series_key
    inner join windows
        on grown.window_key = windows.window_key
)

select * from final
