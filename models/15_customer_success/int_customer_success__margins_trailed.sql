with tenant_pnl as (
    select * from {{ ref('rpt_tenant_pnl') }}
    where revenue_basis = 'rated' and not is_internal
),

customers as (
    select * from {{ ref('int_customer_success__customers_followed') }}
),

earners as (
    select distinct tenant_id from tenant_pnl
),

months as (
    select distinct mrr_month from customers
),

-- A customer's own margin, and that of all customers together, of the twelve months to each one.
spans as (
    select
        tenant_id as margin_of,
        tenant_id,
        mrr_month
    from customers
    union all
    select
        '(all)' as margin_of,
        earners.tenant_id,
        months.mrr_month
    from earners
    cross join months
),

final as (
    select
        spans.margin_of,
        spans.mrr_month,
        {{ sum_of_known('tenant_pnl.revenue_usd', 'tenant_pnl.tenant_id is not null') }}
            as revenue_usd,
        {{ sum_of_known('tenant_pnl.cogs_usd', 'tenant_pnl.tenant_id is not null') }} as cogs_usd
    from spans
    left join tenant_pnl
        on
            spans.tenant_id = tenant_pnl.tenant_id
            and spans.mrr_month >= tenant_pnl.period_month
            and {{ months_after('spans.mrr_month', -12) }} < tenant_pnl.period_month
    group by
        spans.margin_of,
        spans.mrr_month
)

select * from final
