with months_forecast as (
    select * from {{ ref('int_margin__months_forecast') }}
),

budgets as (
    select * from {{ ref('int_margin__budgets_placed') }}
),

as_of as (
    select * from {{ ref('dim_as_of') }}
),

final as (
    select
        months_forecast.measure,
        months_forecast.tenant_id,
        months_forecast.pack_id,
        months_forecast.period_month as forecast_month,
        months_forecast.revenue_basis,
        cast(date_trunc('month', as_of.as_of_at) as date) as as_of_month,
        months_forecast.origin_month,
        months_forecast.forecast_method,
        months_forecast.horizon_count,
        months_forecast.known_month_count,
        months_forecast.unknown_month_count,
        months_forecast.forecast_usd,
        months_forecast.lower_80_usd,
        months_forecast.upper_80_usd,
        months_forecast.lower_95_usd,
        months_forecast.upper_95_usd,
        budgets.budget_usd,
        cast(months_forecast.forecast_usd - budgets.budget_usd as decimal(38, 12))
            as budget_variance_usd
    from months_forecast
    cross join as_of
    left join budgets
        on
            months_forecast.measure = budgets.measure
            and months_forecast.tenant_id = budgets.tenant_id
            and months_forecast.pack_id = budgets.pack_id
            and months_forecast.period_month = budgets.budget_month
    where not months_forecast.is_backtest
)

select * from final
