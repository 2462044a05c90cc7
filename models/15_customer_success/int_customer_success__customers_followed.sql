with mrr as (
    select * from {{ ref('fct_mrr') }}
),

movements as (
    select * from {{ ref('fct_mrr_movements') }}
    where mrr_basis = 'reporting_currency' and mrr_movement = 'churn'
),

tenants as (
    select * from {{ ref('dim_tenants') }}
),

totalled as (
    select
        tenant_id,
        mrr_month,
        bool_or(mrr_amount > 0) as has_mrr,
        {{ sum_of_known('mrr_usd') }} as mrr_usd
    from mrr
    group by
        tenant_id,
        mrr_month
),

final as (
    select
        totalled.tenant_id,
        totalled.mrr_month,
        coalesce(tenants.tier_id, '(none)') as tier_id,
        totalled.has_mrr,
        lag(totalled.has_mrr, 1, false) over months as is_at_start,
        movements.tenant_id is not null as is_churned,
        totalled.mrr_usd,
        lag(totalled.mrr_usd, 1, 0) over months as opening_mrr_usd,
        cast(-movements.mrr_movement_amount as decimal(38, 12)) as churned_mrr_usd
    from totalled
    inner join tenants
        on totalled.tenant_id = tenants.tenant_id
    left join movements
        on
            totalled.tenant_id = movements.tenant_id
            and totalled.mrr_month = movements.mrr_month
    window months as (partition by totalled.tenant_id order by totalled.mrr_month)
)

select * from final
