with actors_totalled as (
    select * from {{ ref('int_metering__actors_totalled') }}
),

selectors_matched as (
    select * from {{ ref('int_metering__selectors_matched') }}
),

final as (
    select
        actors_totalled.tenant_id,
        selectors_matched.meter_id,
        actors_totalled.pack_id,
        actors_totalled.environment,
        actors_totalled.business_unit_id,
        actors_totalled.actor_id,
        selectors_matched.reading_window,
        actors_totalled.day_start_at,
        sum(actors_totalled.event_count) > 0 as is_active,
        cast(sum(actors_totalled.source_event_count) as bigint) as event_count,
        cast(sum(actors_totalled.event_digest) as hugeint) as event_digest,
        max(actors_totalled.last_landed_at) as last_landed_at
    from actors_totalled
    inner join selectors_matched
        on
            actors_totalled.category = selectors_matched.category
            and actors_totalled.event_type = selectors_matched.event_type
            and actors_totalled.pack_id = selectors_matched.pack_id
            and actors_totalled.environment = selectors_matched.environment
            and actors_totalled.actor_type = selectors_matched.actor_type
    where
        selectors_matched.aggregation = 'count_distinct'
        and actors_totalled.day_start_at >= selectors_matched.effective_from_at
        and actors_totalled.day_start_at < selectors_matched.effective_to_at
    group by all
)

select * from final
