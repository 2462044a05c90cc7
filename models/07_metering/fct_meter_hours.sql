with hours_totalled as (
    select * from {{ ref('int_metering__hours_totalled') }}
),

selectors_matched as (
    select * from {{ ref('int_metering__selectors_matched') }}
),

final as (
    select
        hours_totalled.tenant_id,
        selectors_matched.meter_id,
        hours_totalled.pack_id,
        hours_totalled.environment,
        hours_totalled.business_unit_id,
        selectors_matched.aggregation,
        selectors_matched.reading_window,
        hours_totalled.hour_start_at,
        cast(case selectors_matched.aggregation
            when 'sum' then sum(hours_totalled.quantity)
            when 'count' then sum(hours_totalled.event_count)
            when 'max' then max(hours_totalled.maximum_quantity)
        end as decimal(22, 9)) as quantity,
        cast(sum(hours_totalled.byte_count) as hugeint) as byte_count,
        cast(sum(hours_totalled.byte_microseconds) as hugeint) as byte_microseconds,
        cast(sum(hours_totalled.source_event_count) as bigint) as event_count,
        cast(sum(hours_totalled.event_digest) as hugeint) as event_digest,
        max(hours_totalled.last_landed_at) as last_landed_at
    from hours_totalled
    inner join selectors_matched
        on
            hours_totalled.category = selectors_matched.category
            and hours_totalled.event_type = selectors_matched.event_type
            and hours_totalled.pack_id = selectors_matched.pack_id
            and hours_totalled.environment = selectors_matched.environment
            and hours_totalled.actor_type = selectors_matched.actor_type
    where
        selectors_matched.aggregation <> 'count_distinct'
        and hours_totalled.hour_start_at >= selectors_matched.effective_from_at
        and hours_totalled.hour_start_at < selectors_matched.effective_to_at
    group by
        hours_totalled.tenant_id,
        selectors_matched.meter_id,
        hours_totalled.pack_id,
        hours_totalled.environment,
        hours_totalled.business_unit_id,
        selectors_matched.aggregation,
        selectors_matched.reading_window,
        hours_totalled.hour_start_at
)

select * from final
