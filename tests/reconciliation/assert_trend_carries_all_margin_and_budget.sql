-- Margin: the trend carries the whole months of the P&L to the last decimal, what is unknown as
-- unknown, and once each budget of what there is.
with tenant_pnl as (
    select
        tenant_pnl.tenant_id,
        tenant_pnl.is_internal,
        tenant_pnl.revenue_usd,
        tenant_pnl.cogs_usd
    from {{ ref('rpt_tenant_pnl') }} as tenant_pnl
    inner join {{ ref('dim_months') }} as months
        on tenant_pnl.period_month = months.month_date
    inner join {{ ref('dim_as_of') }} as as_of
        on months.month_end_at <= as_of.as_of_at
    where tenant_pnl.revenue_basis = 'rated'
),

stated as (
    select
        'revenue' as measure,
        tenant_id,
        revenue_usd as amount_usd
    from tenant_pnl
    union all
    select
        'revenue' as measure,
        '(all)' as tenant_id,
        revenue_usd as amount_usd
    from tenant_pnl
    where not is_internal
    union all
    select
        'cogs' as measure,
        tenant_id,
        cogs_usd as amount_usd
    from tenant_pnl
    union all
    select
        'cogs' as measure,
        '(all)' as tenant_id,
        cogs_usd as amount_usd
    from tenant_pnl
),

sides as (
    select
        'budget' as side,
        budgets.measure,
        budgets.tenant_id,
        budgets.amount_usd
    from {{ ref('stg_catalogue__budgets') }} as budgets
    left join {{ ref('dim_tenants') }} as tenants
        on budgets.tenant_id = tenants.tenant_id
    left join {{ ref('dim_packs') }} as packs
        on budgets.pack_id = packs.pack_id
    where
        (budgets.tenant_id = '(all)' or tenants.tenant_id is not null)
        and (budgets.pack_id = '(all)' or packs.pack_id is not null)
    union all
    select
        'budget in trend' as side,
        measure,
        tenant_id,
        budget_usd as amount_usd
    from {{ ref('rpt_margin_trend') }}
    where budget_usd is not null
    union all
    select
        'actual' as side,
        measure,
        tenant_id,
        amount_usd
    from stated
    union all
    select
        'actual in trend' as side,
        measure,
        tenant_id,
        actual_usd as amount_usd
    from {{ ref('rpt_margin_trend') }}
    where
        pack_id = '(all)'
        and month_status <> 'not_measured'
),

totalled as (
    select
        measure,
        tenant_id,
        {{ sum_of_known('amount_usd', "side = 'budget'") }} as budget_usd,
        {{ sum_of_known('amount_usd', "side = 'budget in trend'") }} as budget_in_trend_usd,
        {{ sum_of_known('amount_usd', "side = 'actual'") }} as actual_usd,
        {{ sum_of_known('amount_usd', "side = 'actual in trend'") }} as actual_in_trend_usd
    from sides
    group by
        measure,
        tenant_id
)

select *
from totalled
where
    budget_usd is distinct from budget_in_trend_usd
    or actual_usd is distinct from actual_in_trend_usd
