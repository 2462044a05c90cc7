{#- Ends with the month after as-of, so that a period that has begun has its month. -#}
with as_of as (
    select * from {{ ref('dim_as_of') }}
),

month_starts as (
    select
        unnest(
            generate_series(
                timestamp '2000-01-01',
                date_trunc('month', as_of_at) + interval 1 month,
                interval 1 month
            )
        ) as month_start_at
    from as_of
),

final as (
    select
        cast(month_start_at as date) as month_date,
        date_diff('day', month_start_at, month_start_at + interval 1 month) as day_count,
        month_start_at,
        month_start_at + interval 1 month as month_end_at
    from month_starts
)

select * from final
