{%- set measures = ['recognised_amount', 'recognised_usd', 'billed_amount', 'billed_usd'] -%}
with positions_moved as (
    select * from {{ ref('int_revenue__positions_moved') }}
),

as_of as (
    select cast(date_trunc('month', as_of_at) as date) as as_of_month
    from {{ ref('dim_as_of') }}
),

booked_rates as (
    select * from {{ ref('fct_booked_rates') }}
),

keys as (
    select
        balance_key,
        contract_id,
        tenant_id,
        is_internal,
        currency_code,
        bool_or(is_credit) as is_credit,
        max(historical_rate) as historical_rate,
        min(balance_month) as first_month,
        max(balance_month) as last_month,
        sum(billed_amount) <> sum(recognised_amount) as is_open
    from positions_moved
    group by
        balance_key,
        contract_id,
        tenant_id,
        is_internal,
        currency_code
),

-- A key that has come to nothing is not carried on.
spine as (
    select
        keys.*,
        cast(unnest(generate_series(
            cast(keys.first_month as timestamp),
            cast(case
                when keys.is_open then {{ later_of('keys.last_month', 'as_of.as_of_month') }}
                else keys.last_month
            end as timestamp),
            interval 1 month
        )) as date) as balance_month
    from keys
    cross join as_of
),

accumulated as (
    select
        spine.*,
        {% for measure in measures -%}
            case
                when bool_or(
                    positions_moved.balance_key is not null and positions_moved.{{ measure }} is null
                ) over so_far then null
                else coalesce(sum(positions_moved.{{ measure }}) over so_far, 0)
            end as {{ measure }}
            {{- ',' if not loop.last }}
        {% endfor %}
    from spine
    left join positions_moved
        on
            spine.balance_key = positions_moved.balance_key
            and spine.contract_id = positions_moved.contract_id
            and spine.balance_month = positions_moved.balance_month
    window so_far as (
        partition by spine.balance_key, spine.contract_id order by spine.balance_month
        rows between unbounded preceding and current row
    )
),

-- What is owed back is no service that is still to come.
split as (
    select
        accumulated.*,
        booked_rates.usd_per_unit,
        greatest(billed_amount - recognised_amount, 0)
        * case when is_credit or recognised_amount < 0 then 0 else 1 end as deferred_amount,
        greatest(recognised_amount - billed_amount, 0) as unbilled_amount,
        greatest(billed_amount - recognised_amount, 0)
        * case when is_credit or recognised_amount < 0 then 1 else 0 end as refund_liability_amount
    from accumulated
    left join booked_rates
        on
            accumulated.currency_code = booked_rates.currency_code
            and accumulated.balance_month = booked_rates.rate_month
),

final as (
    select
        {{ content_id(['contract_id', 'balance_key', 'balance_month']) }} as position_id,
        contract_id,
        tenant_id,
        balance_key,
        balance_month,
        is_internal,
        {% for measure in measures -%}
            cast({{ measure }} as decimal({{ '22, 4' if 'amount' in measure else '38, 12' }}))
                as {{ measure }},
        {% endfor -%}
        {% for name in ['deferred', 'unbilled', 'refund_liability'] -%}
            cast({{ name }}_amount as decimal(22, 4)) as {{ name }}_amount,
            case
                when {{ name }}_amount = 0 then 0
                else {{ to_usd(
                    name ~ '_amount', 'historical_rate' if name == 'deferred' else 'usd_per_unit'
                ) }}
            end as {{ name }}_usd,
        {% endfor -%}
        currency_code
    from split
)

select * from final
