with churn_explained as (
    select * from {{ ref('int_customer_success__churn_explained') }}
),

customers as (
    select * from {{ ref('int_customer_success__customers_followed') }}
),

opened as (
    select
        tier_id,
        mrr_month,
        count(*) filter (where is_at_start) as opening_customer_count,
        {{ sum_of_known('opening_mrr_usd') }} as opening_mrr_usd
    from customers
    group by
        tier_id,
        mrr_month
),

lost as (
    select
        mrr_month,
        tier_id,
        churn_reason,
        count(*) as churned_customer_count,
        {{ sum_of_known('churned_mrr_usd') }} as churned_mrr_usd
    from churn_explained
    group by
        mrr_month,
        tier_id,
        churn_reason
),

final as (
    select
        lost.mrr_month,
        lost.tier_id,
        lost.churn_reason,
        opened.opening_customer_count,
        lost.churned_customer_count,
        opened.opening_mrr_usd,
        lost.churned_mrr_usd,
        {{ ratio_of('lost.churned_customer_count', 'opened.opening_customer_count') }}
            as logo_churn_ratio,
        {{ ratio_of('lost.churned_mrr_usd', 'opened.opening_mrr_usd') }} as mrr_churn_ratio
    from lost
    inner join opened
        on
            lost.tier_id = opened.tier_id
            and lost.mrr_month = opened.mrr_month
)

select * from final
