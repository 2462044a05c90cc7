with compared as (
    select * from {{ ref('int_rating__commitments_compared') }}
),

periods as (
    select * from {{ ref('fct_billing_periods') }}
),

as_of as (
    select * from {{ ref('dim_as_of') }}
),

begun as (
    select
        compared.*,
        periods.contract_id,
        periods.tenant_id,
        periods.currency_code,
        periods.period_start_at,
        periods.period_end_at,
        as_of.as_of_at,
        periods.period_end_at <= as_of.as_of_at as has_ended,
        {{ microseconds_between('periods.period_start_at', 'periods.period_end_at') }}
            as period_micros,
        {{ microseconds_between('periods.period_start_at', 'as_of.as_of_at') }} as elapsed_micros
    from compared
    inner join periods
        on compared.billing_period_id = periods.billing_period_id
    inner join as_of
        on periods.period_start_at < as_of.as_of_at
),

-- Fees are charged for the whole period; usage goes on at the pace that it has.
projected as (
    select
        *,
        cast(case
            when has_ended then charged_amount
            else fee_amount + {{ from_nanos(half_away_quotient(
                to_nanos('charged_amount - fee_amount') ~ ' * period_micros', 'elapsed_micros'
            )) }}
        end as decimal(28, 9)) as projected_amount
    from begun
),

final as (
    select
        commitment_id,
        billing_period_id,
        contract_id,
        tenant_id,
        case when has_ended then 'ended' else 'active' end as status,
        currency_code,
        cast(committed_amount as decimal(22, 4)) as committed_amount,
        cast(charged_amount as decimal(22, 4)) as charged_amount,
        cast(greatest(committed_amount - charged_amount, 0) as decimal(22, 4)) as left_amount,
        {{ round_money('projected_amount', 'minor_unit') }} as projected_amount,
        cast(
            greatest(committed_amount - {{ round_money('projected_amount', 'minor_unit') }}, 0)
            as decimal(22, 4)
        ) as projected_shortfall_amount,
        period_start_at,
        period_end_at,
        as_of_at
    from projected
)

select * from final
