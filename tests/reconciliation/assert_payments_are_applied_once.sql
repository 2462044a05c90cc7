-- Payments: what was received = refunded + applied + unapplied, and no invoice is paid more than it
-- asks for.
select payment_id as subject_id
from {{ ref('fct_payments') }}
where
    received_amount <> refunded_amount + applied_amount + unapplied_amount
    or unapplied_amount < 0
    or refunded_amount < 0
union all
select invoice_id as subject_id
from {{ ref('fct_receivables') }}
where
    (paid_amount > 0 and open_amount < 0)
    or written_off_amount < 0
