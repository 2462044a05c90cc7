-- Internal Edition: what business units bear = what the internal contract is charged.
select billing_period_id, sum(amount) as difference_amount
from (
    select billing_period_id, amount
    from {{ ref('fct_internal_charges') }}
    union all
    select charges.billing_period_id, -charges.amount as amount
    from {{ ref('fct_charges') }} as charges
    inner join {{ ref('dim_contracts') }} as contracts
        on charges.contract_id = contracts.contract_id
    where contracts.is_internal
) as stacked
group by billing_period_id
having sum(amount) <> 0
