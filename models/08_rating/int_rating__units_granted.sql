with movements as (
    select * from {{ ref('fct_grant_movements') }}
),

-- What is drawn leaves the grant, so it is below zero there.
final as (
    select
        contract_line_id,
        cast(-sum(quantity) as decimal(22, 9)) as granted_quantity
    from movements
    where movement_type in ('draw', 'return')
    group by contract_line_id
)

select * from final
