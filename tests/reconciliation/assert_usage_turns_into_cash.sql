-- Usage to cash: rated net = invoiced + memos + pending + waived + rounding, and each reading is
-- counted once.
select * from {{ ref('rpt_usage_to_cash_reconciliation') }}
where
    difference_amount <> 0
    or readings <> readings_rated + readings_unpriced + readings_not_billable
