with periods as (
    select * from {{ ref('fct_billing_periods') }}
),

-- No outage is measured yet, so nobody is owed a credit for one.
final as (
    select
        cast(null as varchar) as sla_credit_id,
        billing_period_id,
        contract_id,
        tenant_id,
        cast(null as varchar) as pack_id,
        cast(null as varchar) as description,
        cast(null as decimal(22, 4)) as credit_amount,
        currency_code,
        cast(null as varchar) as policy_decision_id
    from periods
    where false
)

select * from final
