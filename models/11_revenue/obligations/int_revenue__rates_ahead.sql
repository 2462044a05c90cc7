with fee_rates as (
    select * from {{ ref('fct_contract_fee_rates') }}
    where not is_internal
),

contracts as (
    select * from {{ ref('dim_contracts') }}
),

periods as (
    select
        contract_id,
        max(period_end_date) as billed_to_date
    from {{ ref('fct_billing_periods') }}
    where covers <> 'usage'
    group by contract_id
),

as_of as (
    select {{ months_after('cast(as_of_at as date)', 12) }} as current_to_date
    from {{ ref('dim_as_of') }}
),

-- Fees of periods that have not begun, up to the end that was agreed, and of them those of the
-- next twelve months.
cut as (
    select
        fee_rates.*,
        contracts.minor_unit,
        {{ later_of(
            'fee_rates.from_date', 'coalesce(periods.billed_to_date, contracts.start_date)'
        ) }} as ahead_from_date,
        {{ earlier_of('fee_rates.to_date', 'contracts.agreed_end_date') }} as ahead_to_date,
        as_of.current_to_date
    from fee_rates
    inner join contracts
        on fee_rates.contract_id = contracts.contract_id
    left join periods
        on fee_rates.contract_id = periods.contract_id
    cross join as_of
),

measured as (
    select
        *,
        {% for name, end in [
            ('total', 'ahead_to_date'),
            ('current', earlier_of('ahead_to_date', 'current_to_date')),
        ] -%}
            {{ service_position("'monthly'", end) }}
            - {{ service_position("'monthly'", 'ahead_from_date') }} as {{ name }}_position_count
            {{- ',' if not loop.last }}
        {% endfor %}
    from cut
    where ahead_from_date < ahead_to_date
),

final as (
    select
        fee_rate_id,
        contract_id,
        {% for name in ['total', 'current'] -%}
            cast({{ from_nanos(half_away_quotient(
                to_nanos('month_amount') ~ ' * greatest(' ~ name ~ '_position_count, 0)', '377580'
            )) }} as decimal(28, 9)) as {{ name }}_amount,
        {% endfor -%}
        minor_unit
    from measured
)

select * from final
