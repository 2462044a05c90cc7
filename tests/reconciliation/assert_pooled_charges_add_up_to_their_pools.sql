-- Pools: what the lines of a pool bear is the price of their quantities as one.
select pool_id
from {{ ref('fct_pooled_charges') }}
group by pool_id, pooled_amount, pooled_quantity
having
    sum(attributed_amount) is distinct from pooled_amount
    or sum(billable_quantity) <> pooled_quantity
