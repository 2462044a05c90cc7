with compared as (
    select *
    from {{ ref('int_revenue__mrr_compared') }}
    where compared_over in ('month', 'year') and has_started
),

-- A fixed cohort: those who were there at the start. Per customer, what grew does not make up for
-- what another lost.
totalled as (
    select
        mrr_basis,
        currency_code,
        mrr_month,
        compared_over,
        start_month,
        count(*) as opening_customer_count,
        count(*) filter (where has_ended) as retained_customer_count,
        {{ sum_of_known('start_amount') }} as opening_mrr_amount,
        {{ sum_of_known('end_amount') }} as net_retained_mrr_amount,
        {{ sum_of_known(
            "case when end_amount < start_amount then end_amount"
            ~ " when end_amount is not null then start_amount end"
        ) }} as gross_retained_mrr_amount
    from compared
    group by
        mrr_basis,
        currency_code,
        mrr_month,
        compared_over,
        start_month
),

final as (
    select
        mrr_basis,
        mrr_month,
        currency_code,
        compared_over,
        start_month,
        opening_customer_count,
        retained_customer_count,
        opening_mrr_amount,
        net_retained_mrr_amount,
        gross_retained_mrr_amount,
        {{ ratio_of('net_retained_mrr_amount', 'opening_mrr_amount') }} as net_retention_ratio,
        {{ ratio_of('gross_retained_mrr_amount', 'opening_mrr_amount') }} as gross_retention_ratio,
        {{ ratio_of('retained_customer_count', 'opening_customer_count') }} as logo_retention_ratio
    from totalled
)

select * from final
