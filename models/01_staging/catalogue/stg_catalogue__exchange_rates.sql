with source as (
    select * from {{ ref('exchange_rates') }}
),

final as (
    select
        currency_code,
        cast(rate_month as date) as rate_month,
        cast(usd_per_unit as decimal(18, 9)) as usd_per_unit
    from source
)

select * from final
