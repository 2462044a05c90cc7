with tenant_pnl as (
    select * from {{ ref('rpt_tenant_pnl') }}
),

pack_profitability as (
    select * from {{ ref('rpt_pack_profitability') }}
),

-- The company is paid by others alone, and bears the cost of its internal tenant too.
reported as (
    select
        tenant_id,
        '(all)' as pack_id,
        revenue_basis,
        period_month,
        revenue_usd,
        cogs_usd
    from tenant_pnl
    union all
    select
        '(all)' as tenant_id,
        '(all)' as pack_id,
        revenue_basis,
        period_month,
        case when is_internal then 0 else revenue_usd end as revenue_usd,
        cogs_usd
    from tenant_pnl
    union all
    select
        '(all)' as tenant_id,
        pack_id,
        revenue_basis,
        period_month,
        revenue_usd,
        cogs_usd
    from pack_profitability
),

totalled as (
    select
        tenant_id,
        pack_id,
        revenue_basis,
        period_month,
        {{ sum_of_known('revenue_usd') }} as revenue_usd,
        {{ sum_of_known('cogs_usd') }} as cogs_usd
    from reported
    group by
        tenant_id,
        pack_id,
        revenue_basis,
        period_month
),

-- Cost stands beside each basis of revenue, and would be counted once for each.
final as (
    select
        'revenue' as measure,
        tenant_id,
        pack_id,
        revenue_basis,
        period_month,
        revenue_usd as actual_usd
    from totalled
    where revenue_basis = 'rated'
    union all
    select
        'cogs' as measure,
        tenant_id,
        pack_id,
        revenue_basis,
        period_month,
        cogs_usd as actual_usd
    from totalled
    where revenue_basis = 'rated'
)

select * from final
