with events as (
    select * from {{ ref('fct_usage_events') }}
),

tenant_days as (
    select
        tenant_id,
        event_date,
        count(*) as event_count
    from events
    group by
        tenant_id,
        event_date
),

usual as (
    select
        tenant_id,
        median(event_count) as median_event_count
    from tenant_days
    group by tenant_id
),

final as (
    select
        tenant_days.tenant_id,
        tenant_days.event_date,
        tenant_days.event_count,
        cast(usual.median_event_count as decimal(18, 1)) as median_event_count
    from tenant_days
    inner join usual
        on tenant_days.tenant_id = usual.tenant_id
    where
        tenant_days.event_count >= {{ var('surge_minimum_events') | int }}
        and tenant_days.event_count > {{ var('surge_multiple') | int }} * usual.median_event_count
)

select * from final
