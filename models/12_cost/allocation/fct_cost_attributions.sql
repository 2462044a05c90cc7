{%- set attributed_by = [
    'cost_month', 'tenant_id', 'pack_id', 'capability_id', 'resource_type', 'cost_category',
    'region', 'allocation_method', 'currency_code',
] -%}
with allocations as (
    select * from {{ ref('fct_cost_allocations') }}
),

final as (
    select
        {{ content_id(attributed_by) }} as cost_attribution_id,
        cost_month,
        tenant_id,
        pack_id,
        capability_id,
        resource_type,
        cost_category,
        region,
        allocation_method,
        cast(sum(billed_cost_amount) as decimal(38, 12)) as billed_cost_amount,
        cast(sum(effective_cost_amount) as decimal(38, 12)) as effective_cost_amount,
        currency_code
    from allocations
    group by {{ attributed_by | join(', ') }}
)

select * from final
