with events_checked as (
    select * from {{ ref('int_usage__events_checked') }}
),

copies_ranked as (
    select * from {{ ref('int_usage__copies_ranked') }}
),

final as (
    select
        events_checked.landed_file,
        events_checked.line_number,
        events_checked.event_id,
        events_checked.tenant_id,
        events_checked.category,
        events_checked.event_type,
        events_checked.feature_id,
        events_checked.capability_id,
        events_checked.pack_id,
        events_checked.default_pack_id,
        events_checked.environment,
        events_checked.actor_type,
        events_checked.actor_id,
        events_checked.business_unit_id,
        events_checked.region,
        events_checked.corrects_event_id,
        events_checked.quantity,
        events_checked.byte_count,
        events_checked.metadata,
        events_checked.event_at,
        events_checked.landed_at
    from events_checked
    left join copies_ranked
        on
            events_checked.landed_file = copies_ranked.landed_file
            and events_checked.line_number = copies_ranked.line_number
    where
        events_checked.reasons = ''
        and copies_ranked.landed_file is null
)

select * from final
