with fee_rates as (
    select * from {{ ref('fct_contract_fee_rates') }}
    where not is_internal
),

months as (
    select * from {{ ref('dim_months') }}
),

as_of as (
    select * from {{ ref('dim_as_of') }}
),

firsts as (
    select
        tenant_id,
        currency_code,
        min({{ earlier_of('from_date', 'cast(recorded_at as date)') }}) as first_date
    from fee_rates
    group by
        tenant_id,
        currency_code
),

-- Every month from the first on, so that one without a contract is there with nothing. The month of
-- as-of is measured on its day: what begins or ends later has not happened yet.
final as (
    select
        firsts.tenant_id,
        firsts.currency_code,
        months.month_date as mrr_month,
        cast(least(months.month_end_at - interval 1 day, as_of.as_of_at) as date) as measured_date,
        least(months.month_end_at, as_of.as_of_at) as known_until_at
    from firsts
    inner join months
        on firsts.first_date < months.month_end_at
    inner join as_of
        on months.month_start_at <= as_of.as_of_at
)

select * from final
