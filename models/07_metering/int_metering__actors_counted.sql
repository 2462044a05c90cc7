with actor_days as (
    select * from {{ ref('fct_meter_actor_days') }}
),

windowed as (
    select
        *,
        case reading_window
            when '1d' then day_start_at
            when 'month' then date_trunc('month', day_start_at)
        end as window_start_at
    from actor_days
),

final as (
    select
        tenant_id,
        meter_id,
        pack_id,
        environment,
        business_unit_id,
        window_start_at,
        case reading_window
            when '1d' then window_start_at + interval 1 day
            when 'month' then window_start_at + interval 1 month
        end as window_end_at,
        cast(count(distinct actor_id) filter (where is_active) as decimal(22, 9)) as quantity,
        cast(sum(event_count) as bigint) as event_count,
        cast(sum(event_digest) as hugeint) as event_digest,
        max(last_landed_at) as last_landed_at
    from windowed
    group by
        tenant_id,
        meter_id,
        pack_id,
        environment,
        business_unit_id,
        reading_window,
        window_start_at
)

select * from final
