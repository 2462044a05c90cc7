-- Pools to rating: the price of a pooled line by itself, worked out in Python, is that of SQL.
select pooled.contract_line_id, pooled.alone_amount, rated_usage.gross_amount
from {{ ref('fct_pooled_charges') }} as pooled
left join {{ ref('fct_rated_usage') }} as rated_usage
    on pooled.contract_line_id = rated_usage.contract_line_id and rated_usage.is_current
where pooled.alone_amount is distinct from rated_usage.gross_amount
