-- Churn: by tier and reason it is all of what the roll-forward has lost in US dollars, and of as
-- many customers.
with explained as (
    select
        mrr_month,
        sum(churned_customer_count) as churned_customer_count,
        {{ sum_of_known('churned_mrr_usd') }} as churned_mrr_usd
    from {{ ref('rpt_churn_analysis') }}
    group by mrr_month
)

select
    rollforward.mrr_month,
    rollforward.churned_customer_count,
    explained.churned_customer_count as explained_customer_count,
    rollforward.churn_mrr_amount,
    explained.churned_mrr_usd
from {{ ref('rpt_mrr_rollforward') }} as rollforward
left join explained
    on rollforward.mrr_month = explained.mrr_month
where
    rollforward.mrr_basis = 'reporting_currency'
    and (
        rollforward.churned_customer_count <> coalesce(explained.churned_customer_count, 0)
        or (
            rollforward.churned_customer_count > 0
            and -rollforward.churn_mrr_amount is distinct from explained.churned_mrr_usd
        )
    )
