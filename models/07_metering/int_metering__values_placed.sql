with values_seen as (
    select * from {{ ref('int_metering__values_seen') }}
),

selectors as (
    select *
    from {{ ref('int_metering__selectors_matched') }}
    where aggregation in ('max', 'min', 'latest', 'percentile', 'sum_of_maxima')
),

windows as (
    select *
    from {{ ref('dim_meter_windows') }}
    where closed_at is not null
),

final as (
    select
        values_seen.tenant_id,
        selectors.meter_id,
        selectors.dimensions_key,
        windows.window_start_at,
        windows.window_end_at,
        windows.closed_at,
        {{ later_of('windows.closed_at', 'values_seen.landed_at') }} as known_from_at,
        {{ window_start('selectors.base_window', 'values_seen.metered_at') }} as bucket_start_at,
        values_seen.event_id,
        values_seen.quantity,
        values_seen.weight,
        values_seen.source_weight,
        values_seen.correction_count,
        values_seen.event_digest,
        values_seen.metered_at
    from values_seen
    inner join selectors
        on
            values_seen.class_key = selectors.class_key
            and values_seen.metered_at >= selectors.effective_from_at
            and values_seen.metered_at < selectors.effective_to_at
    inner join windows
        on
            {{ window_key('selectors.reading_window', 'values_seen.metered_at') }}
            = windows.window_key
)

select * from final
