-- Rating: the tiers of a line are its gross amount.
select rated_usage.rated_usage_id
from {{ ref('fct_rated_usage') }} as rated_usage
inner join {{ ref('fct_rated_tiers') }} as tiers
    on rated_usage.contract_line_id = tiers.contract_line_id
where rated_usage.status = 'rated'
group by rated_usage.rated_usage_id, rated_usage.gross_amount
having sum(tiers.amount) <> rated_usage.gross_amount
