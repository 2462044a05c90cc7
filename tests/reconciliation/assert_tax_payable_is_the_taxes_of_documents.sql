-- Journal: tax payable holds the taxes of issued documents of customers, those of voided ones
-- apart.
with stacked as (
    select
        journal_lines.tenant_id,
        journal_lines.currency_code,
        journal_lines.credit_amount - journal_lines.debit_amount as amount
    from {{ ref('fct_journal_lines') }} as journal_lines
    inner join {{ ref('dim_accounts') }} as accounts
        on journal_lines.account_id = accounts.account_id
    where accounts.posting_role = 'tax_payable'
    union all
    select
        tenant_id,
        currency_code,
        -tax_amount as amount
    from {{ ref('fct_documents') }}
    where document_kind = 'invoice' and not is_void and not is_internal
    union all
    select
        tenant_id,
        currency_code,
        -tax_amount as amount
    from {{ ref('fct_memos') }}
    where status = 'issued' and not is_internal
)

select
    tenant_id,
    currency_code,
    sum(amount) as difference_amount
from stacked
group by
    tenant_id,
    currency_code
having sum(amount) <> 0
