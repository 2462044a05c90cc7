-- Cost: statement = direct + allocated + idle + unallocated, billed and effective.
select * from {{ ref('rpt_cost_reconciliation') }}
where difference_billed_cost_amount <> 0 or difference_effective_cost_amount <> 0
