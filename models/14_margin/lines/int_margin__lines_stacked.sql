{#- Bases are never mixed: the same cost stands beside each of them. -#}
{%- set revenue_bases = ['rated', 'invoiced', 'recognised'] -%}
with revenue_converted as (
    select * from {{ ref('int_margin__revenue_converted') }}
),

costs_converted as (
    select * from {{ ref('int_margin__costs_converted') }}
),

bases as (
    {% for basis in revenue_bases -%}
        select '{{ basis }}' as revenue_basis
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- What people in support cost is support, on whatever resource; other cost of goods sold is told
-- by its resource.
costs as (
    select
        *,
        case when is_cogs then 'cogs' else 'operating' end as line_side,
        case
            when not is_cogs then cost_category
            when cost_category = 'support' then 'support'
            when
                resource_type in (
                    'compute', 'storage', 'database', 'network', 'third_party', 'support'
                )
                then resource_type
            else 'other'
        end as line_kind
    from costs_converted
),

stacked as (
    select
        revenue_basis,
        tenant_id,
        contract_id,
        pack_id,
        'revenue' as line_side,
        revenue_kind as line_kind,
        cast(null as varchar) as cost_category,
        period_month,
        amount_usd
    from revenue_converted
    union all
    select
        bases.revenue_basis,
        costs.tenant_id,
        null as contract_id,
        costs.pack_id,
        costs.line_side,
        costs.line_kind,
        costs.cost_category,
        costs.period_month,
        costs.amount_usd
    from costs
    cross join bases
),

final as (
    select
        revenue_basis,
        tenant_id,
        contract_id,
        pack_id,
        line_side,
        line_kind,
        cost_category,
        period_month,
        {{ sum_of_known('amount_usd') }} as amount_usd
    from stacked
    group by
        revenue_basis,
        tenant_id,
        contract_id,
        pack_id,
        line_side,
        line_kind,
        cost_category,
        period_month
)

select * from final
