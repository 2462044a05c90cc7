with source as (
    select * from {{ ref('monitor_thresholds') }}
),

final as (
    select
        monitor,
        cast(drop_ratio as decimal(16, 9)) as drop_ratio,
        cast(surge_ratio as decimal(16, 9)) as surge_ratio,
        cast(minimum_daily_lines as bigint) as minimum_daily_lines
    from source
)

select * from final
