{%- set measures = ['billed_cost_amount', 'effective_cost_amount'] -%}
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
        {% for measure in measures -%}
            {% for side in ['statement', 'direct', 'shared', 'idle', 'unallocated'] -%}
                {{ sum_of_known(measure, "side = '" ~ side ~ "'") }} as {{ side }}_{{ measure }},
            {% endfor -%}
            {{ sum_of_known(measure, "side <> 'statement'") }} as homed_{{ measure }}
            {{- ',' if not loop.last }}
        {% endfor %}
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
        {% for measure in measures -%}
            statement_{{ measure }},
            direct_{{ measure }},
            shared_{{ measure }} as allocated_{{ measure }},
            idle_{{ measure }},
            unallocated_{{ measure }},
            cast(statement_{{ measure }} - homed_{{ measure }} as decimal(38, 12))
                as difference_{{ measure }}
            {{- ',' if not loop.last }}
        {% endfor %}
    from totalled
)

select * from final
