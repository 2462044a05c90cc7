with customers as (
    select * from {{ ref('int_customer_success__customers_followed') }}
),

margins as (
    select * from {{ ref('int_customer_success__margins_trailed') }}
),

tier_months as (
    select
        tier_id,
        mrr_month,
        count(*) filter (where is_at_start) as opening_customer_count,
        count(*) filter (where is_churned) as churned_customer_count
    from customers
    group by
        tier_id,
        mrr_month
),

-- Customers of one tier are taken to leave alike. Where none has left in twelve months, how long
-- one stays is not known, and neither is what it brings.
left_in_a_year as (
    select
        tier_id,
        mrr_month,
        cast(sum(opening_customer_count) over twelve_months as bigint) as customer_month_count,
        cast(sum(churned_customer_count) over twelve_months as bigint) as churned_customer_count
    from tier_months
    window
        twelve_months as (
            partition by tier_id
            order by mrr_month
            range between interval 11 month preceding and current row
        )
),

rated as (
    select
        customers.tenant_id,
        customers.mrr_month,
        customers.tier_id,
        left_in_a_year.customer_month_count,
        left_in_a_year.churned_customer_count,
        customers.mrr_usd,
        {{ margin_ratio('margins.revenue_usd', 'margins.cogs_usd') }} as gross_margin_ratio
    from customers
    inner join left_in_a_year
        on
            customers.tier_id = left_in_a_year.tier_id
            and customers.mrr_month = left_in_a_year.mrr_month
    left join margins
        on
            customers.tenant_id = margins.margin_of
            and customers.mrr_month = margins.mrr_month
    where customers.has_mrr
),

final as (
    select
        tenant_id,
        mrr_month,
        tier_id,
        customer_month_count,
        churned_customer_count,
        mrr_usd,
        gross_margin_ratio,
        {{ ratio_of('churned_customer_count', 'customer_month_count') }} as logo_churn_ratio,
        {{ amount_per_unit('customer_month_count', 'churned_customer_count') }} as lifetime_months,
        {{ amount_per_unit(
            'cast(mrr_usd * customer_month_count as decimal(38, 12))', 'churned_customer_count',
        ) }} as lifetime_revenue_usd,
        {{ amount_per_unit(
            'cast(mrr_usd * gross_margin_ratio * customer_month_count as decimal(38, 12))',
            'churned_customer_count',
        ) }} as lifetime_value_usd
    from rated
)

select * from final
