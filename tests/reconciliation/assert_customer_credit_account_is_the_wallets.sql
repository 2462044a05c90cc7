-- Journal: the account of customer credit holds what customers bought and have neither used, by
-- invoices in force, nor lost, as far as that is earned.
with grants as (
    select grants.*
    from {{ ref('fct_wallet_grants') }} as grants
    inner join {{ ref('dim_tenants') }} as tenants
        on grants.tenant_id = tenants.tenant_id
    where grants.grant_kind = 'purchased' and not tenants.is_internal
),

stacked as (
    select
        journal_lines.tenant_id,
        journal_lines.currency_code,
        journal_lines.credit_amount - journal_lines.debit_amount as amount
    from {{ ref('fct_journal_lines') }} as journal_lines
    inner join {{ ref('dim_accounts') }} as accounts
        on journal_lines.account_id = accounts.account_id
    where accounts.posting_role = 'customer_credit'
    union all
    select
        tenant_id,
        currency_code,
        -amount as amount
    from grants
    union all
    select
        grants.tenant_id,
        grants.currency_code,
        document_credits.amount
    from {{ ref('fct_documents') }} as documents
    inner join {{ ref('fct_periods_billed') }} as periods_billed
        on
            documents.billing_period_id = periods_billed.billing_period_id
            and documents.version = periods_billed.live_version
    inner join {{ ref('stg_landing__document_credits') }} as document_credits
        on
            documents.landed_file = document_credits.landed_file
            and documents.line_number = document_credits.file_line_number
    inner join grants
        on document_credits.grant_id = grants.grant_id
    where documents.document_kind = 'invoice'
    union all
    select
        tenant_id,
        currency_code,
        recognised_amount as amount
    from {{ ref('fct_recognised_revenue') }}
    where revenue_kind = 'breakage' and not is_internal
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
