with landed_events as (
    select * from {{ ref('fct_landed_events') }}
),

copies_ranked as (
    select * from {{ ref('int_usage__copies_ranked') }}
),

final as (
    select
        landed_events.landed_file,
        landed_events.line_number,
        landed_events.event_id,
        landed_events.id_bucket,
        landed_events.tenant_id,
        landed_events.category,
        landed_events.event_type,
        landed_events.feature_id,
        landed_events.capability_id,
        landed_events.pack_id,
        landed_events.environment,
        landed_events.actor_type,
        landed_events.actor_id,
        landed_events.business_unit_id,
        landed_events.region,
        landed_events.class_key,
        landed_events.corrects_event_id,
        landed_events.is_environment_assumed,
        landed_events.quantity,
        landed_events.byte_count,
        landed_events.metadata,
        landed_events.event_at,
        landed_events.event_date,
        landed_events.event_digest,
        landed_events.landed_at
    from landed_events
    left join copies_ranked
        on
            landed_events.line_number = copies_ranked.line_number
            and landed_events.landed_file = copies_ranked.landed_file
    where
        landed_events.reasons = ''
        and copies_ranked.landed_file is null
)

select * from final
