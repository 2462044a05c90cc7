with schedules as (
    select * from {{ ref('fct_revenue_schedules') }}
    where not is_internal
),

as_of as (
    select cast(date_trunc('month', as_of_at) as date) as as_of_month
    from {{ ref('dim_as_of') }}
),

final as (
    select
        schedules.booking_month,
        schedules.revenue_month,
        schedules.revenue_kind,
        schedules.revenue_month > as_of.as_of_month as is_to_come,
        cast(sum(schedules.scheduled_amount) as decimal(22, 4)) as scheduled_amount,
        cast(sum(schedules.earned_amount) as decimal(22, 4)) as earned_amount,
        schedules.currency_code
    from schedules
    cross join as_of
    group by
        schedules.booking_month,
        schedules.revenue_month,
        schedules.revenue_kind,
        schedules.revenue_month > as_of.as_of_month,
        schedules.currency_code
)

select * from final
