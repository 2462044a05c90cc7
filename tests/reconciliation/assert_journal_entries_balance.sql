-- Journal: every entry balances in its currency and in the reporting currency, or its worth in the
-- latter is unknown on every side.
select
    entry_id,
    currency_code,
    sum(debit_amount - credit_amount) as difference_amount,
    sum(debit_usd - credit_usd) as difference_usd
from {{ ref('fct_journal_lines') }}
group by
    entry_id,
    currency_code
having
    sum(debit_amount - credit_amount) <> 0
    or coalesce(sum(debit_usd - credit_usd) <> 0, false)
    or count(debit_usd) not in (0, count(*))
    or count(distinct posted_date) <> 1
