with values_seen as (
    select * from {{ ref('int_metering__values_seen') }}
),

selectors as (
    select * from {{ ref('int_metering__selectors_matched') }}
),

-- What each landed batch adds: a correction takes the value of its event back and puts the net
-- quantity there. A value counts while its weights add up to more than nothing.
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
        cast(sum(values_seen.weight) as bigint) as weight,
        values_seen.quantity,
        cast(sum(values_seen.source_weight) as bigint) as event_count,
        cast(sum(values_seen.correction_count) as bigint) as correction_count,
        cast(sum(values_seen.event_digest) as hugeint) as event_digest,
        values_seen.metered_at,
        values_seen.landed_at
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
