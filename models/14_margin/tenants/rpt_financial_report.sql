with lines_stacked as (
    select * from {{ ref('int_margin__lines_stacked') }}
),

tenants as (
    select * from {{ ref('dim_tenants') }}
),

-- Any period, tier, pack or region is a sum of these rows. Cost that is nobody's has no tier.
final as (
    select
        lines_stacked.revenue_basis,
        lines_stacked.period_month,
        lines_stacked.tenant_id,
        lines_stacked.pack_id,
        coalesce(tenants.tier_id, '(none)') as tier_id,
        coalesce(tenants.region, '(none)') as region,
        coalesce(tenants.is_internal, false) as is_internal,
        {{ sum_of_known('lines_stacked.amount_usd', "lines_stacked.line_side = 'revenue'") }}
            as revenue_usd,
        {{ sum_of_known('lines_stacked.amount_usd', "lines_stacked.line_side = 'cogs'") }}
            as cogs_usd,
        {{ sum_of_known('lines_stacked.amount_usd', "lines_stacked.line_side = 'operating'") }}
            as operating_cost_usd
    from lines_stacked
    left join tenants
        on lines_stacked.tenant_id = tenants.tenant_id
    group by
        lines_stacked.revenue_basis,
        lines_stacked.period_month,
        lines_stacked.tenant_id,
        lines_stacked.pack_id,
        coalesce(tenants.tier_id, '(none)'),
        coalesce(tenants.region, '(none)'),
        coalesce(tenants.is_internal, false)
)

select * from final
