with contract_fees as (
    select * from {{ ref('fct_contract_fees') }}
),

rated_usage as (
    select * from {{ ref('fct_rated_usage') }}
    where is_current and status = 'rated'
),

contract_lines as (
    select * from {{ ref('fct_contract_lines') }}
),

true_ups as (
    select * from {{ ref('fct_commitment_true_ups') }}
),

adjustments as (
    select * from {{ ref('fct_rated_adjustments') }}
),

sla_credits as (
    select * from {{ ref('fct_sla_credits') }}
),

periods as (
    select * from {{ ref('fct_billing_periods') }}
),

-- A usage line earns for the pack that its plan line stands in; a commitment over the whole
-- contract for none. A credit takes from the revenue of the period in which the service failed.
earned as (
    select
        tenant_id,
        contract_id,
        pack_id,
        'fee' as revenue_kind,
        cast(null as varchar) as meter_id,
        period_month,
        currency_code,
        cast(amount as decimal(38, 18)) as amount
    from contract_fees
    union all
    select
        contract_lines.tenant_id,
        contract_lines.contract_id,
        contract_lines.pack_id,
        'usage' as revenue_kind,
        contract_lines.meter_id,
        contract_lines.period_month,
        contract_lines.currency_code,
        rated_usage.net_amount as amount
    from rated_usage
    inner join contract_lines
        on rated_usage.contract_line_id = contract_lines.contract_line_id
    union all
    select
        tenant_id,
        contract_id,
        null as pack_id,
        'commitment' as revenue_kind,
        null as meter_id,
        period_month,
        currency_code,
        amount
    from true_ups
    where amount <> 0
    union all
    select
        tenant_id,
        contract_id,
        pack_id,
        'adjustment' as revenue_kind,
        null as meter_id,
        period_month,
        currency_code,
        exact_amount as amount
    from adjustments
    union all
    select
        sla_credits.tenant_id,
        sla_credits.contract_id,
        sla_credits.pack_id,
        'sla_credit' as revenue_kind,
        null as meter_id,
        periods.period_month,
        sla_credits.currency_code,
        -sla_credits.credit_amount as amount
    from sla_credits
    inner join periods
        on sla_credits.billing_period_id = periods.billing_period_id
),

final as (
    select
        tenant_id,
        contract_id,
        coalesce(pack_id, '(none)') as pack_id,
        revenue_kind,
        meter_id,
        period_month,
        currency_code,
        amount
    from earned
)

select * from final
