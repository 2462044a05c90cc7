{%- set measures = ['recognised_amount', 'recognised_usd', 'billed_amount', 'billed_usd'] -%}
with accumulated as (
    select * from {{ ref('int_revenue__positions_accumulated') }}
),

booked_rates as (
    select * from {{ ref('fct_booked_rates') }}
),

-- What is owed back is no service that is still to come.
placed as (
    select
        accumulated.*,
        accumulated.billed_amount - accumulated.recognised_amount as ahead_amount,
        accumulated.is_credit or accumulated.recognised_amount < 0 as is_owed_back,
        booked_rates.usd_per_unit
    from accumulated
    left join booked_rates
        on
            accumulated.currency_code = booked_rates.currency_code
            and accumulated.balance_month = booked_rates.rate_month
),

split as (
    select
        *,
        case when is_owed_back then 0 else greatest(ahead_amount, 0) end as deferred_amount,
        greatest(-ahead_amount, 0) as unbilled_amount,
        case when is_owed_back then greatest(ahead_amount, 0) else 0 end
            as refund_liability_amount
    from placed
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
