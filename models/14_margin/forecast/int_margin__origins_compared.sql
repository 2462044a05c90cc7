with months_forecast as (
    select * from {{ ref('int_margin__months_forecast') }}
),

months_measured as (
    select * from {{ ref('int_margin__months_measured') }}
),

-- All months ahead of a series have the same method.
series as (
    select distinct
        measure,
        tenant_id,
        pack_id,
        forecast_method
    from months_forecast
    where not is_backtest
),

-- What the last month again got wrong, while months were too few to fit, is no error of a model.
final as (
    select
        forecasts.measure,
        forecasts.tenant_id,
        forecasts.pack_id,
        forecasts.period_month,
        months.actual_usd between forecasts.lower_80_usd and forecasts.upper_80_usd as is_within_80,
        months.actual_usd between forecasts.lower_95_usd and forecasts.upper_95_usd as is_within_95,
        months.actual_usd,
        cast(months.actual_usd - forecasts.forecast_usd as decimal(38, 12)) as forecast_error_usd,
        cast(months.actual_usd - origins.actual_usd as decimal(38, 12)) as change_usd
    from months_forecast as forecasts
    inner join series
        on
            forecasts.measure = series.measure
            and forecasts.tenant_id = series.tenant_id
            and forecasts.pack_id = series.pack_id
            and (series.forecast_method = 'naive' or forecasts.forecast_method <> 'naive')
    inner join months_measured as months
        on
            forecasts.measure = months.measure
            and forecasts.tenant_id = months.tenant_id
            and forecasts.pack_id = months.pack_id
            and forecasts.period_month = months.period_month
    inner join months_measured as origins
        on
            forecasts.measure = origins.measure
            and forecasts.tenant_id = origins.tenant_id
            and forecasts.pack_id = origins.pack_id
            and forecasts.origin_month = origins.period_month
    where
        forecasts.is_backtest
        and months.actual_usd is not null
)

select * from final
