with readings as (
    select * from {{ ref('fct_meter_readings') }}
),

events as (
    select * from {{ ref('fct_usage_events') }}
),

selectors_matched as (
    select * from {{ ref('int_metering__selectors_matched') }}
),

-- Not stored: the ids are found again through the meter's selector, window and dimensions.
final as (
    select
        readings.reading_id,
        events.event_id
    from readings
    inner join selectors_matched
        on
            readings.meter_id = selectors_matched.meter_id
            and readings.pack_id = selectors_matched.pack_id
            and readings.environment = selectors_matched.environment
    inner join events
        on
            readings.tenant_id = events.tenant_id
            and readings.period_start_at <= events.metered_at
            and readings.period_end_at > events.metered_at
            and selectors_matched.category = events.category
            and selectors_matched.event_type = events.event_type
            and selectors_matched.actor_type = coalesce(events.actor_type, '(none)')
            and readings.pack_id = coalesce(events.pack_id, '(none)')
            and readings.environment = events.environment
            and readings.business_unit_id = coalesce(events.business_unit_id, '(none)')
    where
        readings.is_current
        and (selectors_matched.aggregation <> 'count_distinct' or events.actor_id is not null)
)

select * from final
