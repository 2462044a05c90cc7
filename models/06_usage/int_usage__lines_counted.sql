{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ forget_pending('fct_landed_events') }}",
    post_hook="{{ record_batches('fct_landed_events') }}",
) }}
with landed_events as (
    select * from {{ ref('fct_landed_events') }}
),

-- What arrived, before any of it is called accepted, duplicate or rejected.
final as (
    select
        landed_file,
        coalesce(tenant_id, '(unknown)') as tenant_id,
        cast(coalesce(event_at, landed_at) as date) as intake_date,
        count(*) as line_count,
        min(event_at) as first_event_at,
        max(event_at) as last_event_at,
        any_value(landed_at) as landed_at
    from landed_events
    where landed_at >= {{ first_pending_at('fct_landed_events') }}
    group by
        landed_file,
        coalesce(tenant_id, '(unknown)'),
        cast(coalesce(event_at, landed_at) as date)
)

select * from final
