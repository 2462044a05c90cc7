with true_ups as (
    select * from {{ ref('fct_commitment_true_ups') }}
    where amount <> 0
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

beside as (
    select
        true_up_id as charge_id,
        billing_period_id,
        contract_id,
        tenant_id,
        'commitment' as line_type,
        cast(null as varchar) as line_code,
        cast(null as varchar) as pack_id,
        commitment_id as plan_line_id,
        'Minimum commitment' as description,
        amount as exact_amount,
        amount
    from true_ups
    union all
    select
        adjustment_id as charge_id,
        billing_period_id,
        contract_id,
        tenant_id,
        'adjustment' as line_type,
        line_code,
        pack_id,
        line_code as plan_line_id,
        concat_ws(', ', case adjustment_kind
            when 'pooling' then 'Pooled tiers'
            when 'volume_rebate' then 'Volume rebate'
            else 'Time-of-day commitment'
        end, line_code) as description,
        exact_amount,
        amount
    from adjustments
    union all
    select
        sla_credit_id as charge_id,
        billing_period_id,
        contract_id,
        tenant_id,
        'sla_credit' as line_type,
        null as line_code,
        pack_id,
        sla_credit_id as plan_line_id,
        description,
        -credit_amount as exact_amount,
        -credit_amount as amount
    from sla_credits
),

-- A commitment is over the whole contract, so its line stands in no pack.
final as (
    select
        beside.charge_id as charge_key,
        beside.charge_id,
        beside.billing_period_id,
        beside.contract_id,
        beside.tenant_id,
        beside.line_type,
        beside.line_code,
        beside.pack_id,
        beside.plan_line_id,
        beside.description,
        cast(1 as decimal(38, 9)) as quantity,
        beside.amount as unit_price,
        beside.exact_amount,
        beside.amount,
        cast(null as varchar) as reason,
        periods.period_start_at as segment_start_at,
        periods.period_end_at as segment_end_at,
        cast(null as varchar) as rated_usage_id,
        cast(null as varchar) as receipt_id
    from beside
    inner join periods
        on beside.billing_period_id = periods.billing_period_id
)

select * from final
