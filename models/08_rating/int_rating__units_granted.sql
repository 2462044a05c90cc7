with movements as (
    select * from {{ ref('fct_grant_movements') }}
    where movement_type in ('draw', 'return')
),

contract_lines as (
    select * from {{ ref('fct_contract_lines') }}
),

-- Parts that are rated as one have what was drawn for all so far. What is drawn leaves the grant,
-- so it is below zero there.
final as (
    select
        contract_lines.contract_line_id,
        cast(-sum(movements.quantity) as decimal(22, 9)) as granted_quantity
    from movements
    inner join contract_lines as drawing_lines
        on movements.contract_line_id = drawing_lines.contract_line_id
    inner join contract_lines
        on
            drawing_lines.billing_period_id = contract_lines.billing_period_id
            and drawing_lines.line_code = contract_lines.line_code
            and drawing_lines.segment_start_at >= contract_lines.rated_from_at
            and drawing_lines.segment_start_at <= contract_lines.segment_start_at
    group by contract_lines.contract_line_id
)

select * from final
