with source as (
    select * from {{ ref('budgets') }}
),

final as (
    select
        measure,
        coalesce(tenant_id, '(all)') as tenant_id,
        coalesce(pack_id, '(all)') as pack_id,
        cast(budget_month as date) as budget_month,
        cast(amount_usd as decimal(38, 12)) as amount_usd,
        {{ parse_instant('recorded_at') }} as recorded_at,
        policy_decision_id
    from source
)

select * from final
