with landed_events as (
    select * from {{ ref('fct_landed_events') }}
),

-- What arrived, before any of it is called accepted, duplicate or rejected.
final as (
    select
        coalesce(tenant_id, '(unknown)') as tenant_id,
        cast(coalesce(event_at, landed_at) as date) as intake_date,
        count(*) as line_count
    from landed_events
    group by
        coalesce(tenant_id, '(unknown)'),
        cast(coalesce(event_at, landed_at) as date)
)

select * from final
