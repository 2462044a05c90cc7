with exchange_rates as (
    select * from {{ ref('fct_exchange_rates') }}
),

missing_exchange_rates as (
    select * from {{ ref('exc_missing_exchange_rates') }}
),

plan_tiers as (
    select * from {{ ref('fct_plan_tiers') }}
),

plan_lines as (
    select * from {{ ref('dim_plan_lines') }}
),

plan_versions as (
    select * from {{ ref('dim_plan_versions') }}
),

as_of as (
    select * from {{ ref('dim_as_of') }}
),

rates as (
    select
        currency_code,
        rate_month,
        usd_per_unit,
        lag(usd_per_unit) over by_month as former_usd_per_unit,
        lead(rate_month) over by_month as next_rate_month
    from exchange_rates
    window by_month as (partition by currency_code order by rate_month)
),

stale_rates as (
    select
        rates.currency_code,
        rates.rate_month,
        date_diff('day', rates.rate_month + interval 1 month, as_of.as_of_at) as age_days
    from rates
    cross join as_of
    where
        rates.next_rate_month is null
        and rates.currency_code <> 'USD'
),

prices as (
    select
        plan_lines.plan_line_id,
        cast(plan_versions.effective_from_at as date) as effective_date,
        plan_tiers.currency_code,
        plan_tiers.group_value,
        plan_tiers.tier_number,
        plan_tiers.unit_price,
        lag(plan_tiers.unit_price) over (
            partition by
                plan_versions.plan_id,
                plan_lines.line_code,
                plan_tiers.currency_code,
                plan_tiers.group_value,
                plan_tiers.tier_number
            order by plan_versions.version
        ) as former_unit_price
    from plan_tiers
    inner join plan_lines
        on plan_tiers.plan_line_id = plan_lines.plan_line_id
    inner join plan_versions
        on plan_lines.plan_version_id = plan_versions.plan_version_id
),

-- Twice and half of what it was are as far apart: a score of 1.
final as (
    select
        {{ signal(
            'stale_exchange_rate', 'currency', 'currency_code', 'rate_month', '1',
            "concat('the newest rate is of ', rate_month)", age_days='age_days'
        ) }}
    from stale_rates
    union all
    select
        {{ signal(
            'exchange_rate_jump', 'currency', 'currency_code', 'rate_month', '1',
            "concat(usd_per_unit, ' after ', former_usd_per_unit, ' USD')",
            score=relative_change('usd_per_unit', 'former_usd_per_unit')
        ) }}
    from rates
    where former_usd_per_unit > 0
    union all
    select
        {{ signal(
            'missing_exchange_rate', 'currency', 'currency_code', 'rate_month', '1',
            "concat('no rate of ', rate_month)"
        ) }}
    from missing_exchange_rates
    union all
    select
        {{ signal(
            'price_jump', 'plan_line', "concat_ws(':', plan_line_id, currency_code, group_value, tier_number)",
            'effective_date', '1', "concat(unit_price, ' after ', former_unit_price)",
            score=relative_change('unit_price', 'former_unit_price')
        ) }}
    from prices
    where
        former_unit_price > 0
        and unit_price > 0
)

select * from final
