-- Numbers of a series run from 1 without a gap, each once.
select
    number_series,
    count(*) as document_count
from {{ ref('stg_landing__documents') }}
where is_digest_right
group by number_series
having
    count(*) <> max(number_in_series)
    or count(*) <> count(distinct number_in_series)
    or min(number_in_series) <> 1
