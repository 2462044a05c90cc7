{%- set categories = [
    'infrastructure', 'support', 'development', 'sales_and_marketing', 'overhead',
] -%}
with lines_stacked as (
    select * from {{ ref('int_margin__lines_stacked') }}
),

costs_shared as (
    select * from {{ ref('int_margin__costs_shared') }}
),

tenants as (
    select * from {{ ref('dim_tenants') }}
),

lines as (
    select
        contract_id,
        tenant_id,
        period_month,
        revenue_basis,
        line_side,
        cost_category,
        amount_usd
    from lines_stacked
    where line_side = 'revenue'
    union all
    select
        contract_id,
        tenant_id,
        period_month,
        revenue_basis,
        line_side,
        cost_category,
        amount_usd
    from costs_shared
),

totalled as (
    select
        contract_id,
        tenant_id,
        period_month,
        revenue_basis,
        {{ sum_of_known('amount_usd', "line_side = 'revenue'") }} as revenue_usd,
        {% for category in categories -%}
            {{ sum_of_known('amount_usd', "cost_category = '" ~ category ~ "'") }}
                as {{ category }}_cost_usd,
        {% endfor -%}
        {{ sum_of_known('amount_usd', "line_side = 'cogs'") }} as cogs_usd,
        {{ sum_of_known('amount_usd', "line_side = 'operating'") }} as operating_cost_usd
    from lines
    group by
        contract_id,
        tenant_id,
        period_month,
        revenue_basis
),

final as (
    select
        totalled.contract_id,
        totalled.tenant_id,
        totalled.period_month,
        totalled.revenue_basis,
        tenants.is_internal,
        totalled.revenue_usd,
        {% for category in categories -%}
            totalled.{{ category }}_cost_usd,
        {% endfor -%}
        totalled.cogs_usd,
        cast(totalled.revenue_usd - totalled.cogs_usd as decimal(38, 12)) as gross_margin_usd,
        {{ margin_ratio('totalled.revenue_usd', 'totalled.cogs_usd') }} as gross_margin_ratio,
        totalled.operating_cost_usd,
        cast(
            totalled.revenue_usd - totalled.cogs_usd - totalled.operating_cost_usd
            as decimal(38, 12)
        ) as contribution_usd
    from totalled
    inner join tenants
        on totalled.tenant_id = tenants.tenant_id
)

select * from final
