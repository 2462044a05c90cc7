with intake_days as (
    select * from {{ ref('fct_intake_days') }}
),

events as (
    select * from {{ ref('fct_usage_events') }}
),

duplicates as (
    select * from {{ ref('fct_duplicate_events') }}
),

rejects as (
    select * from {{ ref('fct_rejected_events') }}
),

outcomes as (
    select
        tenant_id,
        event_date as intake_date,
        1 as accepted,
        0 as duplicate,
        0 as rejected
    from events
    union all
    select
        tenant_id,
        cast(event_at as date) as intake_date,
        0 as accepted,
        1 as duplicate,
        0 as rejected
    from duplicates
    union all
    select
        tenant_id,
        cast(coalesce(event_at, landed_at) as date) as intake_date,
        0 as accepted,
        0 as duplicate,
        1 as rejected
    from rejects
),

counted as (
    select
        tenant_id,
        intake_date,
        sum(accepted) as events_accepted,
        sum(duplicate) as events_duplicate,
        sum(rejected) as events_rejected
    from outcomes
    group by
        tenant_id,
        intake_date
),

final as (
    select
        coalesce(intake_days.tenant_id, counted.tenant_id) as tenant_id,
        coalesce(intake_days.intake_date, counted.intake_date) as intake_date,
        cast(coalesce(intake_days.line_count, 0) as bigint) as lines_received,
        cast(coalesce(counted.events_accepted, 0) as bigint) as events_accepted,
        cast(coalesce(counted.events_duplicate, 0) as bigint) as events_duplicate,
        cast(coalesce(counted.events_rejected, 0) as bigint) as events_rejected,
        cast(
            coalesce(intake_days.line_count, 0)
            - coalesce(counted.events_accepted, 0)
            - coalesce(counted.events_duplicate, 0)
            - coalesce(counted.events_rejected, 0) as bigint
        ) as difference_count
    from intake_days
    full join counted
        on
            intake_days.tenant_id = counted.tenant_id
            and intake_days.intake_date = counted.intake_date
)

select * from final
