with actors_seen as (
    select * from {{ ref('int_metering__actors_seen') }}
),

selectors as (
    select * from {{ ref('int_metering__selectors_matched') }}
),

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
        sum(actors_seen.event_count) > 0 as is_active,
        cast(sum(actors_seen.source_event_count) as bigint) as event_count,
        cast(sum(actors_seen.event_digest) as hugeint) as event_digest,
        max(actors_seen.landed_at) as last_landed_at
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
