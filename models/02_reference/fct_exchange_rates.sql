with currencies as (
    select * from {{ ref('stg_catalogue__currencies') }}
),

rates as (
    select * from {{ ref('stg_catalogue__exchange_rates') }}
),

months as (
    select * from {{ ref('dim_months') }}
),

-- The reporting currency is worth one of itself in every month; any other needs a stated rate.
reporting as (
    select
        currencies.currency_code,
        months.month_date as rate_month,
        cast(1 as decimal(18, 9)) as usd_per_unit
    from currencies
    inner join months
        on currencies.currency_code = 'USD'
),

stated as (
    select
        currency_code,
        rate_month,
        usd_per_unit
    from rates
    where currency_code <> 'USD'
),

final as (
    select
        currency_code,
        rate_month,
        usd_per_unit
    from reporting
    union all
    select
        currency_code,
        rate_month,
        usd_per_unit
    from stated
)

select * from final
