with events as (
    select * from {{ ref('fct_usage_events') }}
),

plan_days as (
    select * from {{ ref('fct_plan_days') }}
),

-- Beside the events, not among their columns: metering reads these and needs no plan.
final as (
    select
        events.event_id,
        events.tenant_id,
        plan_days.contract_id,
        plan_days.plan_id,
        plan_days.plan_version_id,
        events.event_at,
        events.landed_at
    from events
    left join plan_days
        on
            events.tenant_id = plan_days.tenant_id
            and events.event_date = plan_days.plan_date
)

select * from final
