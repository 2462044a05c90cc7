-- Opening + billed - recognised = closing, for every contract and month.
select * from {{ ref('rpt_deferred_revenue_rollforward') }}
where difference_amount <> 0
