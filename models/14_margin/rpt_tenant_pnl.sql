{%- set resource_types = [
    'compute', 'storage', 'database', 'network', 'third_party', 'support', 'other',
] -%}
with revenue_converted as (
    select * from {{ ref('int_margin__revenue_converted') }}
),

costs_converted as (
    select * from {{ ref('int_margin__costs_converted') }}
),

tenants as (
    select * from {{ ref('dim_tenants') }}
),

lines as (
    select
        tenant_id,
        period_month,
        revenue_kind as line_kind,
        true as is_revenue,
        amount_usd
    from revenue_converted
    union all
    select
        tenant_id,
        period_month,
        resource_type as line_kind,
        false as is_revenue,
        amount_usd
    from costs_converted
),

-- One amount that could not be converted makes its total unknown.
totalled as (
    select
        tenant_id,
        period_month,
        {{ sum_of_known('amount_usd', "line_kind = 'fee'") }} as fee_revenue_usd,
        {{ sum_of_known('amount_usd', "line_kind = 'usage'") }} as usage_revenue_usd,
        {{ sum_of_known('amount_usd', "line_kind = 'commitment'") }} as commitment_revenue_usd,
        {{ sum_of_known('amount_usd', 'is_revenue') }} as revenue_usd,
        {% for resource_type in resource_types -%}
            {{ sum_of_known('amount_usd', "line_kind = '" ~ resource_type ~ "'") }}
                as {{ resource_type }}_cogs_usd,
        {% endfor -%}
        {{ sum_of_known('amount_usd', 'not is_revenue') }} as cogs_usd
    from lines
    group by
        tenant_id,
        period_month
),

final as (
    select
        totalled.tenant_id,
        totalled.period_month,
        'rated' as revenue_basis,
        tenants.is_internal,
        totalled.fee_revenue_usd,
        totalled.usage_revenue_usd,
        totalled.commitment_revenue_usd,
        totalled.revenue_usd,
        {% for resource_type in resource_types -%}
            totalled.{{ resource_type }}_cogs_usd,
        {% endfor -%}
        totalled.cogs_usd,
        cast(totalled.revenue_usd - totalled.cogs_usd as decimal(38, 12)) as gross_margin_usd,
        {{ margin_ratio('totalled.revenue_usd', 'totalled.cogs_usd') }} as gross_margin_ratio
    from totalled
    inner join tenants
        on totalled.tenant_id = tenants.tenant_id
)

select * from final
