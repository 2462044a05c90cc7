with meter_hours as (
    select * from {{ ref('fct_meter_hours') }}
),

-- Sums, counts and maxima: an hour is the smallest window, so any longer one is made of hours.
windowed as (
    select
        *,
        case reading_window
            when '1h' then hour_start_at
            when '1d' then date_trunc('day', hour_start_at)
            when 'month' then date_trunc('month', hour_start_at)
        end as window_start_at
    from meter_hours
    where aggregation in ('sum', 'count', 'max')
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
            when '1h' then window_start_at + interval 1 hour
            when '1d' then window_start_at + interval 1 day
            when 'month' then window_start_at + interval 1 month
        end as window_end_at,
        cast(
            case when aggregation = 'max' then max(quantity) else sum(quantity) end
            as decimal(22, 9)
        ) as quantity,
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
        aggregation,
        reading_window,
        window_start_at
)

select * from final
