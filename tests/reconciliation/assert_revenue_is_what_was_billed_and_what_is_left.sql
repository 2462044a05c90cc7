-- Per contract: recognised + deferred + owed back - unbilled = issued before tax, by the documents,
-- less what was written off unearned.
with recognised as (
    select
        contract_id,
        sum(recognised_amount) as amount
    from {{ ref('fct_recognised_revenue') }}
    where revenue_kind not in ('breakage', 'granted_credit')
    group by contract_id
),

balances as (
    select
        contract_id,
        sum(deferred_amount + refund_liability_amount - unbilled_amount) as amount
    from {{ ref('fct_revenue_balances') }}
    where
        balance_month = (
            select cast(date_trunc('month', as_of_at) as date) from {{ ref('dim_as_of') }}
        )
    group by contract_id
),

issued as (
    select
        documents.contract_id,
        sum(documents.total_amount - documents.tax_amount) as amount
    from {{ ref('fct_documents') }} as documents
    left join {{ ref('fct_invoices') }} as invoices
        on
            documents.document_kind <> 'invoice'
            and documents.invoice_id = invoices.invoice_id
            and documents.version = invoices.version
    where not documents.is_void and invoices.status is distinct from 'void'
    group by documents.contract_id
),

written_off as (
    select
        contract_id,
        sum(amount) as amount
    from {{ ref('fct_revenue_billings') }}
    where billing_kind = 'written_off'
    group by contract_id
)

select
    contracts.contract_id,
    coalesce(recognised.amount, 0) as recognised_amount,
    coalesce(balances.amount, 0) as balance_amount,
    coalesce(issued.amount, 0) as issued_amount,
    coalesce(written_off.amount, 0) as written_off_amount
from {{ ref('dim_contracts') }} as contracts
left join recognised
    on contracts.contract_id = recognised.contract_id
left join balances
    on contracts.contract_id = balances.contract_id
left join issued
    on contracts.contract_id = issued.contract_id
left join written_off
    on contracts.contract_id = written_off.contract_id
where
    coalesce(recognised.amount, 0) + coalesce(balances.amount, 0)
    <> coalesce(issued.amount, 0) + coalesce(written_off.amount, 0)
