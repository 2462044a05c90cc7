with events_accepted as (
    select * from {{ ref('int_usage__events_accepted') }}
),

corrections as (
    select * from {{ ref('fct_usage_corrections') }}
),

final as (
    select
        events_accepted.event_id,
        events_accepted.tenant_id,
        events_accepted.category,
        events_accepted.event_type,
        events_accepted.pack_id,
        events_accepted.feature_id,
        events_accepted.capability_id,
        events_accepted.environment,
        events_accepted.actor_type,
        events_accepted.actor_id,
        events_accepted.business_unit_id,
        events_accepted.region,
        events_accepted.class_key,
        events_accepted.corrects_event_id,
        events_accepted.is_environment_assumed,
        corrections.correcting_event_id is not null as is_correction,
        events_accepted.landed_at
        > events_accepted.event_at + interval {{ var('late_after_hours') | int }} hour as is_late,
        events_accepted.quantity,
        events_accepted.byte_count,
        events_accepted.metadata,
        events_accepted.event_at,
        events_accepted.event_date,
        coalesce(corrections.corrected_event_at, events_accepted.event_at) as metered_at,
        corrections.landed_at as resolved_at,
        events_accepted.event_digest,
        events_accepted.landed_file,
        events_accepted.line_number,
        events_accepted.landed_at
    from events_accepted
    left join corrections
        on
            events_accepted.corrects_event_id = corrections.corrected_event_id
            and events_accepted.event_id = corrections.correcting_event_id
)

select * from final
