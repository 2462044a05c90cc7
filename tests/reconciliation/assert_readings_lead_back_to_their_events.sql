-- Lineage: the events found for a reading are as many as it counted and give its digest. One
-- reading in 256 is looked at, always the same ones: the view is made for one reading at a time.
with sampled as (
    select *
    from {{ ref('fct_meter_readings') }}
    where starts_with(reading_id, '00') and is_current
),

found as (
    select
        reading_events.reading_id,
        count(*) as event_count,
        lpad(to_hex(cast(sum(events.event_digest) as hugeint)), 24, '0')
            as events_digest
    from {{ ref('fct_meter_reading_events') }} as reading_events
    inner join {{ ref('fct_usage_events') }} as events
        on reading_events.event_id = events.event_id
    where starts_with(reading_events.reading_id, '00')
    group by reading_events.reading_id
)

select sampled.reading_id
from sampled
left join found
    on sampled.reading_id = found.reading_id
where
    sampled.event_count <> coalesce(found.event_count, 0)
    or (sampled.event_count > 0 and sampled.events_digest <> found.events_digest)
