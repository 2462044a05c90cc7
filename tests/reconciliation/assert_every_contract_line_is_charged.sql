-- Contracts to invoices: each fee, each rated usage row that is current, each true-up and each
-- adjustment is exactly one charge.
with owed as (
    select contract_line_id as charge_id from {{ ref('fct_contract_fees') }}
    union all
    select rated_usage_id as charge_id from {{ ref('fct_rated_usage') }}
    where status = 'rated' and is_current
    union all
    select adjustment_id as charge_id from {{ ref('fct_rated_adjustments') }}
    union all
    select true_up_id as charge_id from {{ ref('fct_commitment_true_ups') }}
    where amount <> 0
)

select
    coalesce(owed.charge_id, charges.charge_id) as charge_id,
    count(charges.charge_id) as charge_count
from owed
full join {{ ref('fct_charges') }} as charges
    on owed.charge_id = charges.charge_id
group by coalesce(owed.charge_id, charges.charge_id)
having count(charges.charge_id) <> 1 or count(owed.charge_id) <> 1
