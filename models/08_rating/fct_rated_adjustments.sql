with booked as (
    select * from {{ ref('int_rating__adjustments_booked') }}
),

contract_lines as (
    select * from {{ ref('fct_contract_lines') }}
),

periods as (
    select * from {{ ref('fct_billing_periods') }}
),

contracts as (
    select * from {{ ref('dim_contracts') }}
),

packs as (
    select
        billing_period_id,
        line_code,
        min(pack_id) as pack_id
    from contract_lines
    group by
        billing_period_id,
        line_code
),

-- One that has a part whose amount is unknown is not charged.
totalled as (
    select
        adjustment_kind,
        subject_id,
        billing_period_id,
        line_code,
        cast(sum(amount) as decimal(38, 18)) as exact_amount,
        any_value(policy_decision_id) as policy_decision_id
    from booked
    group by
        adjustment_kind,
        subject_id,
        billing_period_id,
        line_code
    having count(*) = count(amount) and sum(amount) <> 0
),

final as (
    select
        {{ content_id([
            'totalled.adjustment_kind', 'totalled.subject_id', 'totalled.billing_period_id'
        ]) }} as adjustment_id,
        totalled.adjustment_kind,
        totalled.subject_id,
        totalled.billing_period_id,
        periods.contract_id,
        periods.tenant_id,
        totalled.line_code,
        packs.pack_id,
        totalled.exact_amount,
        {{ round_money('totalled.exact_amount', 'contracts.minor_unit') }} as amount,
        periods.currency_code,
        periods.period_month,
        periods.period_start_at,
        totalled.policy_decision_id
    from totalled
    inner join periods
        on totalled.billing_period_id = periods.billing_period_id
    inner join contracts
        on periods.contract_id = contracts.contract_id
    left join packs
        on
            totalled.billing_period_id = packs.billing_period_id
            and totalled.line_code = packs.line_code
)

select * from final
