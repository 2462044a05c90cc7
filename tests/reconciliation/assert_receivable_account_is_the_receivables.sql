-- Journal: the account of receivables holds what each invoice has open, and that of unapplied cash
-- what payments have left, per tenant and currency.
with accounts as (
    select account_id, posting_role
    from {{ ref('dim_accounts') }}
    where posting_role in ('accounts_receivable', 'unapplied_cash')
),

stacked as (
    select
        accounts.posting_role,
        case
            when accounts.posting_role = 'accounts_receivable' then journal_lines.invoice_id
            else journal_lines.tenant_id
        end as subject_id,
        journal_lines.currency_code,
        journal_lines.debit_amount - journal_lines.credit_amount as amount
    from {{ ref('fct_journal_lines') }} as journal_lines
    inner join accounts
        on journal_lines.account_id = accounts.account_id
    union all
    select
        'accounts_receivable' as posting_role,
        invoice_id as subject_id,
        currency_code,
        -open_amount as amount
    from {{ ref('fct_receivables') }}
    union all
    select
        'unapplied_cash' as posting_role,
        payments.tenant_id as subject_id,
        payments.currency_code,
        payments.unapplied_amount as amount
    from {{ ref('fct_payments') }} as payments
    left join {{ ref('dim_tenants') }} as tenants
        on payments.tenant_id = tenants.tenant_id
    where not coalesce(tenants.is_internal, false)
)

select
    posting_role,
    subject_id,
    currency_code,
    sum(amount) as difference_amount
from stacked
group by
    posting_role,
    subject_id,
    currency_code
having sum(amount) <> 0
