with hours_added as (
    select * from {{ ref('int_metering__hours_added') }}
),

levels_changed as (
    select * from {{ ref('int_metering__levels_changed') }}
),

selectors as (
    select * from {{ ref('int_metering__selectors_matched') }}
),

added as (
    select
        hours_added.tenant_id,
        hours_added.class_key,
        cast(null as varchar) as value_field,
        hours_added.hour_start_at,
        hours_added.quantity,
        hours_added.event_count as counted_event_count,
        hours_added.byte_count,
        cast(null as hugeint) as step_nanos,
        cast(null as hugeint) as step_nano_microseconds,
        hours_added.source_event_count,
        hours_added.correction_count,
        hours_added.event_digest,
        hours_added.landed_at
    from hours_added
    union all
    select
        levels_changed.tenant_id,
        levels_changed.class_key,
        levels_changed.value_field,
        levels_changed.hour_start_at,
        null as quantity,
        null as counted_event_count,
        null as byte_count,
        levels_changed.step_nanos,
        levels_changed.step_nano_microseconds,
        levels_changed.source_event_count,
        levels_changed.correction_count,
        levels_changed.event_digest,
        levels_changed.landed_at
    from levels_changed
),

-- What each landed batch adds, whether its window has ended or not.
final as (
    select
        added.tenant_id,
        selectors.meter_id,
        selectors.dimensions_key,
        selectors.pack_id,
        selectors.environment,
        selectors.business_unit_id,
        selectors.group_value,
        selectors.aggregation,
        selectors.reading_window,
        added.hour_start_at,
        cast(sum(case
            when selectors.aggregation = 'count' then added.counted_event_count
            when selectors.value_field = 'bytes' then added.byte_count
            else added.quantity
        end) as decimal(38, 9)) as quantity,
        cast(sum(added.step_nanos) as hugeint) as step_nanos,
        cast(sum(added.step_nano_microseconds) as hugeint) as step_nano_microseconds,
        cast(sum(added.source_event_count) as bigint) as event_count,
        cast(sum(added.correction_count) as bigint) as correction_count,
        cast(sum(added.event_digest) as hugeint) as event_digest,
        added.landed_at
    from added
    inner join selectors
        on
            added.class_key = selectors.class_key
            and added.hour_start_at >= selectors.effective_from_at
            and added.hour_start_at < selectors.effective_to_at
    where
        (added.value_field is null and selectors.aggregation in ('sum', 'count'))
        or (
            added.value_field = selectors.value_field
            and selectors.aggregation in ('time_weighted', 'sum_prorated')
        )
    group by
        added.tenant_id,
        selectors.meter_id,
        selectors.dimensions_key,
        selectors.pack_id,
        selectors.environment,
        selectors.business_unit_id,
        selectors.group_value,
        selectors.aggregation,
        selectors.reading_window,
        added.hour_start_at,
        added.landed_at
)

select * from final
