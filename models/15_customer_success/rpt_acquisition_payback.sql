with rollforward as (
    select * from {{ ref('rpt_mrr_rollforward') }}
    where mrr_basis = 'reporting_currency'
),

tenant_pnl as (
    select * from {{ ref('rpt_tenant_pnl') }}
    where revenue_basis = 'rated'
),

margins as (
    select * from {{ ref('int_customer_success__margins_trailed') }}
    where margin_of = '(all)'
),

-- Everything that is spent on sales and marketing, whichever tenants bear it in their margin.
spent as (
    select
        period_month,
        {{ sum_of_known('sales_and_marketing_cost_usd') }} as acquisition_cost_usd
    from tenant_pnl
    group by period_month
),

rated as (
    select
        rollforward.mrr_month,
        rollforward.new_customer_count,
        case when spent.period_month is null then 0 else spent.acquisition_cost_usd end
            as acquisition_cost_usd,
        rollforward.new_mrr_amount as new_mrr_usd,
        {{ margin_ratio('margins.revenue_usd', 'margins.cogs_usd') }} as gross_margin_ratio
    from rollforward
    left join spent
        on rollforward.mrr_month = spent.period_month
    left join margins
        on rollforward.mrr_month = margins.mrr_month
),

-- Without any cost of sales there is nothing to be paid back, and nothing to say.
final as (
    select
        mrr_month,
        new_customer_count,
        cast(acquisition_cost_usd as decimal(38, 12)) as acquisition_cost_usd,
        new_mrr_usd,
        gross_margin_ratio,
        {{ amount_per_unit('nullif(acquisition_cost_usd, 0)', 'new_customer_count') }}
            as customer_acquisition_cost_usd,
        {{ amount_per_unit(
            'nullif(acquisition_cost_usd, 0)', '(new_mrr_usd * gross_margin_ratio)',
        ) }} as payback_months
    from rated
)

select * from final
