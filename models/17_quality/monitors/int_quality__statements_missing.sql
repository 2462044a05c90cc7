with statement_rows as (
    select * from {{ ref('fct_cost_statement_rows') }}
    where row_status = 'current'
),

months as (
    select * from {{ ref('dim_months') }}
),

as_of as (
    select * from {{ ref('dim_as_of') }}
),

providers as (
    select
        provider,
        min(cost_month) as first_month
    from statement_rows
    group by provider
),

stated as (
    select distinct
        provider,
        cost_month
    from statement_rows
),

final as (
    select
        providers.provider,
        months.month_date as cost_month,
        date_diff('day', cast(months.month_end_at as date), cast(as_of.as_of_at as date))
            as age_days
    from providers
    inner join months
        on providers.first_month <= months.month_date
    inner join as_of
        on months.month_end_at <= as_of.as_of_at
    left join stated
        on
            providers.provider = stated.provider
            and months.month_date = stated.cost_month
    where stated.provider is null
)

select * from final
