{%- set cogs_kinds = [
    'compute', 'storage', 'database', 'network', 'third_party', 'support', 'other',
] -%}
{%- set operating_kinds = ['development', 'sales_and_marketing', 'overhead'] -%}
{%- set base_packs = "'" ~ var('base_platform_pack') ~ "', '(none)'" -%}
with lines_stacked as (
    select * from {{ ref('int_margin__lines_stacked') }}
),

tenants as (
    select * from {{ ref('dim_tenants') }}
),

-- What is over a whole contract is of the base platform; everything else is of an optional pack.
named as (
    select
        *,
        case
            when line_side <> 'revenue' then null
            when line_kind in ('fee', 'usage', 'commitment') then line_kind
            else 'other'
        end as revenue_kind,
        case when line_side = 'cogs' then line_kind end as cogs_kind,
        case when line_side = 'operating' then line_kind end as operating_kind,
        line_side = 'revenue' and pack_id in ({{ base_packs }}) as is_base_revenue,
        line_side = 'revenue' and pack_id not in ({{ base_packs }}) as is_pack_revenue
    from lines_stacked
),

-- One amount that could not be converted makes its total unknown.
totalled as (
    select
        tenant_id,
        period_month,
        revenue_basis,
        {% for kind in ['fee', 'usage', 'commitment', 'other'] -%}
            {{ sum_of_known('amount_usd', "revenue_kind = '" ~ kind ~ "'") }}
                as {{ kind }}_revenue_usd,
        {% endfor -%}
        {{ sum_of_known('amount_usd', 'is_base_revenue') }} as base_platform_revenue_usd,
        {{ sum_of_known('amount_usd', 'is_pack_revenue') }} as pack_revenue_usd,
        {{ sum_of_known('amount_usd', "line_side = 'revenue'") }} as revenue_usd,
        {% for kind in cogs_kinds -%}
            {{ sum_of_known('amount_usd', "cogs_kind = '" ~ kind ~ "'") }} as {{ kind }}_cogs_usd,
        {% endfor -%}
        {{ sum_of_known('amount_usd', "line_side = 'cogs'") }} as cogs_usd,
        {% for kind in operating_kinds -%}
            {{ sum_of_known('amount_usd', "operating_kind = '" ~ kind ~ "'") }}
                as {{ kind }}_cost_usd,
        {% endfor -%}
        {{ sum_of_known('amount_usd', "line_side = 'operating'") }} as operating_cost_usd
    from named
    group by
        tenant_id,
        period_month,
        revenue_basis
),

final as (
    select
        totalled.tenant_id,
        totalled.period_month,
        totalled.revenue_basis,
        tenants.is_internal,
        totalled.fee_revenue_usd,
        totalled.usage_revenue_usd,
        totalled.commitment_revenue_usd,
        totalled.other_revenue_usd,
        totalled.base_platform_revenue_usd,
        totalled.pack_revenue_usd,
        totalled.revenue_usd,
        {% for kind in cogs_kinds -%}
            totalled.{{ kind }}_cogs_usd,
        {% endfor -%}
        totalled.cogs_usd,
        cast(totalled.revenue_usd - totalled.cogs_usd as decimal(38, 12)) as gross_margin_usd,
        {{ margin_ratio('totalled.revenue_usd', 'totalled.cogs_usd') }} as gross_margin_ratio,
        {% for kind in operating_kinds -%}
            totalled.{{ kind }}_cost_usd,
        {% endfor -%}
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
