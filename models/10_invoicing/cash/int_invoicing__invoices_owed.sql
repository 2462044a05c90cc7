with documents as (
    select * from {{ ref('fct_documents') }}
    where document_kind = 'invoice' and not is_internal
),

memos as (
    select * from {{ ref('fct_memos') }}
    where status = 'issued'
),

-- A version that was replaced has given back what it drew from the wallet.
billed as (
    select
        invoice_id,
        max(tenant_id) as tenant_id,
        max(contract_id) as contract_id,
        max(currency_code) as currency_code,
        max_by(due_date, version) as due_date,
        max_by(document_number, version) as invoice_number,
        sum(case when is_void then 0 else total_amount end) as billed_amount,
        max_by(case when is_void then 0 else credits_applied_amount end, version)
            as credits_applied_amount
    from documents
    group by invoice_id
),

corrected as (
    select
        invoice_id,
        sum(amount + tax_amount) as memo_amount
    from memos
    group by invoice_id
),

final as (
    select
        billed.invoice_id,
        billed.invoice_number,
        billed.tenant_id,
        billed.contract_id,
        billed.currency_code,
        billed.due_date,
        cast(billed.billed_amount as decimal(22, 4)) as billed_amount,
        cast(coalesce(corrected.memo_amount, 0) as decimal(22, 4)) as memo_amount,
        cast(billed.credits_applied_amount as decimal(22, 4)) as credits_applied_amount,
        cast(
            billed.billed_amount + coalesce(corrected.memo_amount, 0)
            - billed.credits_applied_amount as decimal(22, 4)
        ) as owed_amount
    from billed
    left join corrected
        on billed.invoice_id = corrected.invoice_id
)

select * from final
