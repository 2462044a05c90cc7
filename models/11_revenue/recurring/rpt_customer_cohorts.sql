with compared as (
    select * from {{ ref('int_revenue__mrr_compared') }}
    where compared_over = 'cohort' and mrr_month >= cohort_month
),

totalled as (
    select
        mrr_basis,
        currency_code,
        cohort_month,
        mrr_month,
        count(*) as opening_customer_count,
        count(*) filter (where has_ended) as retained_customer_count,
        {{ sum_of_known('start_amount') }} as opening_mrr_amount,
        {{ sum_of_known('end_amount') }} as net_retained_mrr_amount
    from compared
    group by
        mrr_basis,
        currency_code,
        cohort_month,
        mrr_month
),

final as (
    select
        mrr_basis,
        cohort_month,
        currency_code,
        mrr_month,
        date_diff('month', cohort_month, mrr_month) as months_since_count,
        opening_customer_count,
        retained_customer_count,
        opening_mrr_amount,
        net_retained_mrr_amount,
        {{ ratio_of('retained_customer_count', 'opening_customer_count') }} as logo_retention_ratio,
        {{ ratio_of('net_retained_mrr_amount', 'opening_mrr_amount') }} as net_retention_ratio
    from totalled
)

select * from final
