with values_seen as (
    select * from {{ ref('int_metering__values_seen') }}
),

selectors as (
    select * from {{ ref('int_metering__selectors_matched') }}
),

-- What every landed batch comes to by now: an event that was corrected has its net quantity, and
-- one that was taken back is not there.
final as (
    select
        values_seen.tenant_id,
        selectors.meter_id,
        selectors.dimensions_key,
        selectors.pack_id,
        selectors.environment,
        selectors.business_unit_id,
        selectors.group_value,
        selectors.aggregation,
        selectors.base_window,
        selectors.reading_window,
        values_seen.event_id,
        sum(values_seen.weight) > 0 as is_member,
        values_seen.quantity,
        cast(sum(values_seen.source_weight) as bigint) as event_count,
        cast(sum(values_seen.event_digest) as hugeint) as event_digest,
        values_seen.metered_at,
        max(values_seen.landed_at) as last_landed_at
    from values_seen
    inner join selectors
        on values_seen.class_key = selectors.class_key
    where
        selectors.has_values
        and values_seen.metered_at >= selectors.effective_from_at
        and values_seen.metered_at < selectors.effective_to_at
    group by all
)

select * from final
