with events as (
    select * from {{ ref('fct_usage_events') }}
),

-- Who did what on which day: the distinct counts of every meter come from here.
final as (
    select
        tenant_id,
        category,
        event_type,
        coalesce(pack_id, '(none)') as pack_id,
        environment,
        coalesce(actor_type, '(none)') as actor_type,
        coalesce(business_unit_id, '(none)') as business_unit_id,
        actor_id,
        date_trunc('day', metered_at) as day_start_at,
        count(*) filter (where not is_correction and not is_retracted) as event_count,
        count(*) as source_event_count,
        {{ event_digest('event_id', 'quantity') }} as event_digest,
        max(landed_at) as last_landed_at
    from events
    where actor_id is not null
    group by all
)

select * from final
