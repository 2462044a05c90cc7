with compared as (
    select * from {{ ref('int_rating__commitments_compared') }}
),

periods as (
    select * from {{ ref('fct_billing_periods') }}
),

as_of as (
    select * from {{ ref('dim_as_of') }}
),

-- What falls short is charged when the period has ended.
final as (
    select
        {{ content_id(['compared.commitment_id', 'compared.billing_period_id']) }} as true_up_id,
        compared.commitment_id,
        compared.billing_period_id,
        periods.contract_id,
        periods.tenant_id,
        compared.policy_decision_id,
        periods.currency_code,
        periods.period_month,
        cast(compared.committed_amount as decimal(22, 4)) as committed_amount,
        cast(compared.charged_amount as decimal(22, 4)) as charged_amount,
        cast(
            {{ round_money(true_up_amount('charged_amount'), 'compared.minor_unit') }}
            + {{ round_money(overage_amount('charged_amount'), 'compared.minor_unit') }}
            as decimal(22, 4)
        ) as amount,
        periods.period_start_at,
        periods.period_end_at
    from compared
    inner join periods
        on compared.billing_period_id = periods.billing_period_id
    inner join as_of
        on periods.period_end_at <= as_of.as_of_at
)

select * from final
