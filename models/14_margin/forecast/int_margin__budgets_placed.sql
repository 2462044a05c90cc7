with budgets as (
    select * from {{ ref('stg_catalogue__budgets') }}
),

tenants as (
    select * from {{ ref('dim_tenants') }}
),

packs as (
    select * from {{ ref('dim_packs') }}
),

-- A catalogue that brings its own tenants and packs need not bring budgets: those of others wait.
final as (
    select
        budgets.measure,
        budgets.tenant_id,
        budgets.pack_id,
        budgets.budget_month,
        budgets.amount_usd as budget_usd
    from budgets
    left join tenants
        on budgets.tenant_id = tenants.tenant_id
    left join packs
        on budgets.pack_id = packs.pack_id
    where
        coalesce(tenants.tenant_id, '(all)') = budgets.tenant_id
        and coalesce(packs.pack_id, '(all)') = budgets.pack_id
)

select * from final
