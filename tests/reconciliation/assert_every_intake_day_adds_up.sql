-- Intake, per tenant and day: received = accepted + duplicate + rejected.
select * from {{ ref('rpt_intake_reconciliation') }}
where difference_count <> 0
