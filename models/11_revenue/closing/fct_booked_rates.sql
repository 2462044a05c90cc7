with exchange_rates as (
    select * from {{ ref('fct_exchange_rates') }}
),

locks as (
    select * from {{ ref('fct_revenue_locks') }}
),

locked_rates as (
    select * from {{ ref('stg_landing__revenue_lock_rates') }}
),

booked as (
    select
        locked_rates.currency_code,
        locked_rates.revenue_month as rate_month,
        locked_rates.usd_per_unit
    from locked_rates
    inner join locks
        on
            locked_rates.lock_id = locks.lock_id
            and locked_rates.landed_file = locks.landed_file
),

-- A closed month keeps the rates with which it was closed.
final as (
    select
        currency_code,
        rate_month,
        usd_per_unit
    from booked
    union all
    select
        currency_code,
        rate_month,
        usd_per_unit
    from exchange_rates
    where rate_month not in (select locks.revenue_month from locks)
)

select * from final
