with lines_stacked as (
    select * from {{ ref('int_margin__lines_stacked') }}
    where line_side <> 'operating'
),

tenants as (
    select * from {{ ref('dim_tenants') }}
),

lines as (
    select
        lines_stacked.*,
        lines_stacked.line_side = 'revenue' as is_revenue,
        tenants.is_internal
    from lines_stacked
    inner join tenants
        on lines_stacked.tenant_id = tenants.tenant_id
),

totalled as (
    select
        pack_id,
        period_month,
        revenue_basis,
        count(distinct tenant_id) filter (where amount_usd is distinct from 0) as tenant_count,
        {{ sum_of_known('amount_usd', 'is_revenue and is_internal') }} as internal_revenue_usd,
        {{ sum_of_known('amount_usd', 'is_revenue') }} as revenue_usd,
        {{ sum_of_known('amount_usd', 'not is_revenue') }} as cogs_usd
    from lines
    group by
        pack_id,
        period_month,
        revenue_basis
),

final as (
    select
        pack_id,
        period_month,
        revenue_basis,
        tenant_count,
        internal_revenue_usd,
        revenue_usd,
        cogs_usd,
        cast(revenue_usd - cogs_usd as decimal(38, 12)) as gross_margin_usd,
        {{ margin_ratio('revenue_usd', 'cogs_usd') }} as gross_margin_ratio
    from totalled
)

select * from final
