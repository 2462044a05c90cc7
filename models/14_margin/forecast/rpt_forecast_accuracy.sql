with months_forecast as (
    select * from {{ ref('int_margin__months_forecast') }}
),

origins_compared as (
    select * from {{ ref('int_margin__origins_compared') }}
),

series as (
    select distinct
        measure,
        tenant_id,
        pack_id,
        revenue_basis,
        forecast_method,
        known_month_count,
        unknown_month_count
    from months_forecast
    where not is_backtest
),

totalled as (
    select
        measure,
        tenant_id,
        pack_id,
        count(*) as origin_count,
        count(*) filter (where abs(actual_usd) < 0.01) as zero_count,
        count(is_within_80) as interval_count,
        count(*) filter (where is_within_80) as within_80_count,
        count(*) filter (where is_within_95) as within_95_count,
        sum({{ ratio_of('abs(forecast_error_usd)', 'abs(actual_usd)') }})
        filter (where abs(actual_usd) >= 0.01) as error_ratio,
        sum(abs(forecast_error_usd)) as error_usd,
        sum(abs(actual_usd)) as actual_usd,
        sum(abs(change_usd)) as change_usd,
        sum(forecast_error_usd) as net_error_usd
    from origins_compared
    group by
        measure,
        tenant_id,
        pack_id
),

-- Less than a cent is nothing to measure an error by.
final as (
    select
        series.measure,
        series.tenant_id,
        series.pack_id,
        series.revenue_basis,
        series.forecast_method,
        series.known_month_count,
        series.unknown_month_count,
        coalesce(totalled.origin_count, 0) as origin_count,
        case
            when totalled.actual_usd >= 0.01
                then {{ ratio_of('totalled.error_usd', 'totalled.actual_usd') }}
        end as wape_ratio,
        case
            when totalled.zero_count = 0
                then {{ ratio_of('totalled.error_ratio', 'totalled.origin_count') }}
        end as mape_ratio,
        case
            when totalled.change_usd >= 0.01
                then {{ ratio_of('totalled.error_usd', 'totalled.change_usd') }}
        end as mase_ratio,
        {{ ratio_of('totalled.within_80_count', 'totalled.interval_count') }} as coverage_80_ratio,
        {{ ratio_of('totalled.within_95_count', 'totalled.interval_count') }} as coverage_95_ratio,
        {{ from_picos(half_away_quotient(
            to_picos('totalled.net_error_usd'), 'totalled.origin_count'
        )) }} as mean_error_usd
    from series
    left join totalled
        on
            series.measure = totalled.measure
            and series.tenant_id = totalled.tenant_id
            and series.pack_id = totalled.pack_id
)

select * from final
