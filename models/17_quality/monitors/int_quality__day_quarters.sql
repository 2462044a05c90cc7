-- Work has its hours, whoever works: clocks that go wrong show in all of it at once.
with events as (
    select * from {{ ref('fct_usage_events') }}
),

final as (
    select
        event_date,
        case
            when extract('hour' from event_at) < 6 then '00 to 06'
            when extract('hour' from event_at) < 12 then '06 to 12'
            when extract('hour' from event_at) < 18 then '12 to 18'
            else '18 to 24'
        end as day_quarter,
        count(*) as event_count
    from events
    group by
        event_date,
        day_quarter
)

select * from final
