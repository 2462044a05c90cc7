with source as (
    select * from {{ ref('quality_monitors') }}
),

final as (
    select
        monitor,
        severity,
        cast(minimum_count as bigint) as minimum_count,
        cast(minimum_ratio as decimal(16, 9)) as minimum_ratio,
        cast(minimum_age_days as bigint) as minimum_age_days,
        cast(minimum_score as decimal(16, 9)) as minimum_score,
        cast(open_days as integer) as open_days,
        remedy
    from source
)

select * from final
