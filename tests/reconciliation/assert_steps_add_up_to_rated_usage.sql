-- Rating: the steps in which an amount comes about add up to it.
select rated_usage.rated_usage_id
from {{ ref('fct_rated_usage') }} as rated_usage
left join {{ ref('fct_rated_breakdown') }} as breakdown
    on rated_usage.rated_usage_id = breakdown.rated_usage_id
where rated_usage.status = 'rated'
group by rated_usage.rated_usage_id, rated_usage.net_amount
having coalesce(sum(breakdown.amount), 0) <> rated_usage.net_amount
