-- Cost: attributions are the allocations, cut another way.
with sides as (
    select
        cost_month,
        currency_code,
        billed_cost_amount,
        effective_cost_amount
    from {{ ref('fct_cost_allocations') }}
    union all
    select
        cost_month,
        currency_code,
        -billed_cost_amount as billed_cost_amount,
        -effective_cost_amount as effective_cost_amount
    from {{ ref('fct_cost_attributions') }}
)

select
    cost_month,
    currency_code
from sides
group by
    cost_month,
    currency_code
having sum(billed_cost_amount) <> 0 or sum(effective_cost_amount) <> 0
