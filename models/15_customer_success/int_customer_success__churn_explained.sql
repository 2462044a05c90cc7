with customers as (
    select * from {{ ref('int_customer_success__customers_followed') }}
    where is_churned
),

contracts as (
    select * from {{ ref('dim_contracts') }}
),

fee_rates as (
    select
        contract_id,
        max(to_date) filter (where month_amount > 0) as fees_end_date
    from {{ ref('fct_contract_fee_rates') }}
    group by contract_id
),

last_terms as (
    select
        contract_id,
        max_by(cancelled_date, effective_from_at) as cancelled_date
    from {{ ref('dim_billing_terms') }}
    group by contract_id
),

-- The contracts whose fees had ended when the customer was gone, the last of them first.
ended as (
    select
        customers.tenant_id,
        customers.mrr_month,
        case
            when contracts.end_date > fee_rates.fees_end_date then 'without_fees'
            when last_terms.cancelled_date is not null then 'cancelled'
            else 'term_ended'
        end as churn_reason,
        row_number() over (
            partition by customers.tenant_id, customers.mrr_month
            order by fee_rates.fees_end_date desc, contracts.contract_id asc
        ) as place
    from customers
    inner join contracts
        on customers.tenant_id = contracts.tenant_id
    inner join fee_rates
        on
            contracts.contract_id = fee_rates.contract_id
            and fee_rates.fees_end_date < customers.mrr_month + interval 1 month
    left join last_terms
        on contracts.contract_id = last_terms.contract_id
),

final as (
    select
        customers.tenant_id,
        customers.mrr_month,
        customers.tier_id,
        coalesce(ended.churn_reason, 'unknown') as churn_reason,
        customers.churned_mrr_usd
    from customers
    left join ended
        on
            customers.tenant_id = ended.tenant_id
            and customers.mrr_month = ended.mrr_month
            and ended.place = 1
)

select * from final
