with events_accepted as (
    select * from {{ ref('int_usage__events_accepted') }}
),

corrections as (
    select
        event_id,
        tenant_id,
        corrects_event_id,
        quantity
    from events_accepted
    where corrects_event_id is not null
),

-- A correction that names no accepted event of its tenant is left alone: it counts where it stands.
final as (
    select
        corrections.event_id as correcting_event_id,
        events_accepted.event_id as corrected_event_id,
        corrections.quantity as correcting_quantity,
        cast(
            events_accepted.quantity
            + sum(corrections.quantity) over (partition by events_accepted.event_id)
            as decimal(22, 9)
        ) as net_quantity,
        events_accepted.event_at as corrected_event_at
    from events_accepted
    inner join corrections
        on
            events_accepted.event_id = corrections.corrects_event_id
            and events_accepted.tenant_id = corrections.tenant_id
)

select * from final
