-- All that monitors of usage look at, in one pass over the events.
with events as (
    select * from {{ ref('fct_usage_events') }}
),

final as (
    select
        tenant_id,
        category,
        environment,
        event_date,
        count(*) as event_count,
        count(*) filter (where quantity = 0) as zero_count,
        count(*) filter (where quantity < 0 and not is_correction) as negative_count,
        count(*) filter (where quantity <> trunc(quantity)) as fractional_count,
        count(*) filter (where is_late) as late_count,
        min(event_id) filter (where quantity = 0) as zero_event_id,
        min(event_id) filter (where quantity < 0 and not is_correction) as negative_event_id,
        cast(sum(quantity) as decimal(38, 9)) as quantity
    from events
    group by
        tenant_id,
        category,
        environment,
        event_date
)

select * from final
