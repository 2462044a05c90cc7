with pool_slices as (
    select * from {{ ref('fct_cost_pool_slices') }}
),

final as (
    select
        cost_pool_id,
        {{ pooled_by() | join(', ') }},
        allocation_rule_version,
        cast(sum(billed_cost_amount) as decimal(38, 12)) as billed_cost_amount,
        cast(sum(effective_cost_amount) as decimal(38, 12)) as effective_cost_amount,
        cast(sum(source_row_count) as bigint) as source_row_count
    from pool_slices
    group by
        cost_pool_id,
        {{ pooled_by() | join(', ') }},
        allocation_rule_version
)

select * from final
