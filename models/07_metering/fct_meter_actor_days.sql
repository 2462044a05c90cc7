with actors_seen as (
    select * from {{ ref('int_metering__actors_seen') }}
),

selectors as (
    select * from {{ ref('int_metering__selectors_matched') }}
),

-- What each landed batch adds. Somebody was there while the weights of the day add up to more
-- than nothing.
final as (
    select
        actors_seen.tenant_id,
        selectors.meter_id,
        selectors.dimensions_key,
        selectors.pack_id,
        selectors.environment,
        selectors.business_unit_id,
        selectors.group_value,
        actors_seen.actor_id,
        selectors.aggregation,
        selectors.reading_window,
        actors_seen.day_start_at,
        cast(sum(actors_seen.event_count) as bigint) as weight,
        cast(sum(actors_seen.source_event_count) as bigint) as event_count,
        cast(sum(actors_seen.correction_count) as bigint) as correction_count,
        cast(sum(actors_seen.event_digest) as hugeint) as event_digest,
        actors_seen.landed_at
    from actors_seen
    inner join selectors
        on
            actors_seen.class_key = selectors.class_key
            and actors_seen.distinct_key is not distinct from selectors.distinct_key
    where
        selectors.aggregation in ('count_distinct', 'count_distinct_prorated')
        and actors_seen.day_start_at >= selectors.effective_from_at
        and actors_seen.day_start_at < selectors.effective_to_at
    group by all
)

select * from final
