-- Retention: what is kept of a start without gains is no more than the start, nor than what is kept
-- with them, and over a month it is the start less what the month has lost.
select retention.*
from {{ ref('rpt_revenue_retention') }} as retention
inner join {{ ref('rpt_mrr_rollforward') }} as months
    on
        retention.mrr_basis = months.mrr_basis
        and retention.currency_code = months.currency_code
        and retention.mrr_month = months.mrr_month
where
    retention.gross_retained_mrr_amount > retention.opening_mrr_amount
    or retention.gross_retained_mrr_amount > retention.net_retained_mrr_amount
    or (
        retention.compared_over = 'month'
        and (
            retention.opening_customer_count <> months.opening_customer_count
            or retention.opening_mrr_amount
            <> months.opening_mrr_amount + months.currency_mrr_amount
            or retention.gross_retained_mrr_amount
            <> retention.opening_mrr_amount
            + months.contraction_mrr_amount
            + months.churn_mrr_amount
            or retention.net_retained_mrr_amount
            <> retention.gross_retained_mrr_amount + months.expansion_mrr_amount
        )
    )
