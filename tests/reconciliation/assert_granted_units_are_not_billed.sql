-- Grants to rating: what grants cover is metered and not billed.
with drawn as (
    select contract_line_id, -sum(quantity) as granted_quantity
    from {{ ref('fct_grant_movements') }}
    where movement_type in ('draw', 'return')
    group by contract_line_id
)

select drawn.contract_line_id, drawn.granted_quantity, rated_usage.quantity
from drawn
left join {{ ref('fct_rated_usage') }} as rated_usage
    on drawn.contract_line_id = rated_usage.contract_line_id and rated_usage.is_current
where
    drawn.granted_quantity < 0
    or (rated_usage.quantity - rated_usage.billable_quantity >= drawn.granted_quantity) is not true
