with invoices as (
    select * from {{ ref('fct_invoices') }}
),

memos as (
    select * from {{ ref('fct_memos') }}
),

attributions as (
    select * from {{ ref('fct_cost_attributions') }}
),

exchange_rates as (
    select * from {{ ref('fct_exchange_rates') }}
),

-- A draft is worth what its period is; what was issued, also what it was at issue.
needed as (
    select
        currency_code,
        cast(date_trunc('month', period_start_at) as date) as rate_month
    from invoices
    union
    select
        currency_code,
        cast(date_trunc('month', issued_at) as date) as rate_month
    from invoices
    where issued_at is not null
    union
    select
        currency_code,
        cast(date_trunc('month', issued_at) as date) as rate_month
    from memos
    where issued_at is not null
    union
    select
        currency_code,
        cost_month as rate_month
    from attributions
),

final as (
    select
        needed.currency_code,
        needed.rate_month
    from needed
    left join exchange_rates
        on
            needed.currency_code = exchange_rates.currency_code
            and needed.rate_month = exchange_rates.rate_month
    where exchange_rates.usd_per_unit is null
)

select * from final
