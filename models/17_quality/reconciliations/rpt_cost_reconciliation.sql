with statement_rows as (
    select * from {{ ref('fct_cost_statement_rows') }}
),

pools as (
    select * from {{ ref('fct_cost_pools') }}
),

allocations as (
    select * from {{ ref('fct_cost_allocations') }}
),

unallocated_costs as (
    select * from {{ ref('fct_unallocated_costs') }}
),

stacked as (
    select
        provider,
        cost_month,
        currency_code,
        'statement' as side,
        billed_cost_amount,
        effective_cost_amount
    from statement_rows
    where is_posted
    union all
    select
        provider,
        reversed_in_month as cost_month,
        currency_code,
        'statement' as side,
        -billed_cost_amount as billed_cost_amount,
        -effective_cost_amount as effective_cost_amount
    from statement_rows
    where reversed_in_month is not null
    union all
    select
        pools.provider,
        pools.cost_month,
        pools.currency_code,
        allocations.allocation_method as side,
        allocations.billed_cost_amount,
        allocations.effective_cost_amount
    from allocations
    inner join pools
        on allocations.cost_pool_id = pools.cost_pool_id
    union all
    select
        provider,
        cost_month,
        currency_code,
        'unallocated' as side,
        billed_cost_amount,
        effective_cost_amount
    from unallocated_costs
),

totalled as (
    select
        provider,
        cost_month,
        currency_code,
        {{ sum_of_known('billed_cost_amount', "side = 'statement'") }}
            as statement_billed_cost_amount,
        {{ sum_of_known('billed_cost_amount', "side = 'direct'") }}
            as direct_billed_cost_amount,
        {{ sum_of_known('billed_cost_amount', "side = 'shared'") }}
            as allocated_billed_cost_amount,
        {{ sum_of_known('billed_cost_amount', "side = 'idle'") }}
            as idle_billed_cost_amount,
        {{ sum_of_known('billed_cost_amount', "side = 'unallocated'") }}
            as unallocated_billed_cost_amount,
        {{ sum_of_known('billed_cost_amount', "side <> 'statement'") }}
            as homed_billed_cost_amount,
        {{ sum_of_known('effective_cost_amount', "side = 'statement'") }}
            as statement_effective_cost_amount,
        {{ sum_of_known('effective_cost_amount', "side = 'direct'") }}
            as direct_effective_cost_amount,
        {{ sum_of_known('effective_cost_amount', "side = 'shared'") }}
            as allocated_effective_cost_amount,
        {{ sum_of_known('effective_cost_amount', "side = 'idle'") }}
            as idle_effective_cost_amount,
        {{ sum_of_known('effective_cost_amount', "side = 'unallocated'") }}
            as unallocated_effective_cost_amount,
        {{ sum_of_known('effective_cost_amount', "side <> 'statement'") }}
            as homed_effective_cost_amount
    from stacked
    group by
        provider,
        cost_month,
        currency_code
),

final as (
    select
        provider,
        cost_month,
        currency_code,
        statement_billed_cost_amount,
        direct_billed_cost_amount,
        allocated_billed_cost_amount,
        idle_billed_cost_amount,
        unallocated_billed_cost_amount,
        cast(statement_billed_cost_amount - homed_billed_cost_amount as decimal(38, 12))
            as difference_billed_cost_amount,
        statement_effective_cost_amount,
        direct_effective_cost_amount,
        allocated_effective_cost_amount,
        idle_effective_cost_amount,
        unallocated_effective_cost_amount,
        cast(statement_effective_cost_amount - homed_effective_cost_amount as decimal(38, 12))
            as difference_effective_cost_amount
    from totalled
)

select * from final
