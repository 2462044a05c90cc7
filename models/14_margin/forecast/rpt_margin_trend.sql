with months_measured as (
    select * from {{ ref('int_margin__months_measured') }}
),

months_forecast as (
    select * from {{ ref('int_margin__months_forecast') }}
),

budgets as (
    select * from {{ ref('int_margin__budgets_placed') }}
),

-- A budget is shown where there is nothing to compare it with, too.
months as (
    select
        measure,
        tenant_id,
        pack_id,
        period_month
    from months_measured
    union distinct
    select
        measure,
        tenant_id,
        pack_id,
        budget_month as period_month
    from budgets
),

-- Measured months follow each other, so the row before one is the month before, or has no actual.
compared as (
    select
        months.measure,
        months.tenant_id,
        months.pack_id,
        months.period_month,
        months_measured.actual_usd,
        case
            when months_measured.period_month is null then 'not_measured'
            when months_measured.actual_usd is null then 'unknown'
            else 'measured'
        end as month_status,
        lag(months_measured.actual_usd) over (
            partition by months.measure, months.tenant_id, months.pack_id
            order by months.period_month
        ) as previous_usd,
        count(months_measured.actual_usd) over (
            partition by months.measure, months.tenant_id, months.pack_id
            order by months.period_month rows between 2 preceding and current row
        ) as trailing_month_count,
        sum(months_measured.actual_usd) over (
            partition by months.measure, months.tenant_id, months.pack_id
            order by months.period_month rows between 2 preceding and current row
        ) as trailing_usd
    from months
    left join months_measured
        on
            months.measure = months_measured.measure
            and months.tenant_id = months_measured.tenant_id
            and months.pack_id = months_measured.pack_id
            and months.period_month = months_measured.period_month
),

-- A month of less than a cent is nothing to measure a change by.
final as (
    select
        compared.measure,
        compared.tenant_id,
        compared.pack_id,
        compared.period_month,
        'rated' as revenue_basis,
        compared.month_status,
        months_forecast.forecast_method,
        case
            when abs(compared.previous_usd) >= 0.01
                then {{ ratio_of(
                    'compared.actual_usd - compared.previous_usd', 'compared.previous_usd'
                ) }}
        end as change_ratio,
        compared.actual_usd,
        cast(compared.actual_usd - compared.previous_usd as decimal(38, 12)) as change_usd,
        case
            when compared.trailing_month_count = 3
                then {{ from_picos(half_away_quotient(to_picos('compared.trailing_usd'), '3')) }}
        end as trailing_mean_usd,
        budgets.budget_usd,
        cast(compared.actual_usd - budgets.budget_usd as decimal(38, 12)) as budget_variance_usd,
        months_forecast.forecast_usd,
        months_forecast.lower_80_usd,
        months_forecast.upper_80_usd,
        months_forecast.lower_95_usd,
        months_forecast.upper_95_usd,
        cast(compared.actual_usd - months_forecast.forecast_usd as decimal(38, 12))
            as forecast_error_usd
    from compared
    left join months_forecast
        on
            compared.measure = months_forecast.measure
            and compared.tenant_id = months_forecast.tenant_id
            and compared.pack_id = months_forecast.pack_id
            and compared.period_month = months_forecast.period_month
            and months_forecast.is_backtest
    left join budgets
        on
            compared.measure = budgets.measure
            and compared.tenant_id = budgets.tenant_id
            and compared.pack_id = budgets.pack_id
            and compared.period_month = budgets.budget_month
)

select * from final
