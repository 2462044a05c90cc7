with events_accepted as (
    select * from {{ ref('int_usage__events_accepted') }}
),

corrections_resolved as (
    select * from {{ ref('int_usage__corrections_resolved') }}
),

features as (
    select * from {{ ref('dim_features') }}
),

corrected as (
    select distinct
        corrected_event_id,
        net_quantity
    from corrections_resolved
),

final as (
    select
        events_accepted.event_id,
        events_accepted.tenant_id,
        events_accepted.category,
        events_accepted.event_type,
        coalesce(
            events_accepted.pack_id, features.pack_id, events_accepted.default_pack_id
        ) as pack_id,
        events_accepted.feature_id,
        coalesce(events_accepted.capability_id, features.capability_id) as capability_id,
        events_accepted.environment,
        events_accepted.actor_type,
        events_accepted.actor_id,
        events_accepted.business_unit_id,
        events_accepted.region,
        events_accepted.corrects_event_id,
        corrections_resolved.correcting_event_id is not null as is_correction,
        coalesce(corrected.net_quantity = 0, false) as is_retracted,
        events_accepted.landed_at
        > events_accepted.event_at + interval {{ var('late_after_hours') | int }} hour as is_late,
        events_accepted.quantity,
        coalesce(corrected.net_quantity, events_accepted.quantity) as net_quantity,
        events_accepted.byte_count,
        events_accepted.metadata,
        events_accepted.event_at,
        cast(events_accepted.event_at as date) as event_date,
        coalesce(corrections_resolved.corrected_event_at, events_accepted.event_at) as metered_at,
        events_accepted.landed_file,
        events_accepted.line_number,
        events_accepted.landed_at
    from events_accepted
    left join corrections_resolved
        on events_accepted.event_id = corrections_resolved.correcting_event_id
    left join corrected
        on events_accepted.event_id = corrected.corrected_event_id
    left join features
        on events_accepted.feature_id = features.feature_id
)

select * from final
