-- Journal: the accounts of revenue hold what is recognised, per tenant, month and currency; granted
-- credit is posted where it pays an invoice, so it is compared over all months.
with stacked as (
    select
        journal_lines.tenant_id,
        case
            when accounts.posting_role <> 'contra_granted_credit'
                then date_trunc('month', journal_lines.posted_date)
        end as revenue_month,
        journal_lines.currency_code,
        journal_lines.credit_amount - journal_lines.debit_amount as amount
    from {{ ref('fct_journal_lines') }} as journal_lines
    inner join {{ ref('dim_accounts') }} as accounts
        on journal_lines.account_id = accounts.account_id
    where accounts.account_type in ('revenue', 'contra_revenue')
    union all
    select
        tenant_id,
        case when revenue_kind <> 'granted_credit' then revenue_month end as revenue_month,
        currency_code,
        -recognised_amount as amount
    from {{ ref('fct_recognised_revenue') }}
    where not is_internal
)

select
    tenant_id,
    revenue_month,
    currency_code,
    sum(amount) as difference_amount
from stacked
group by
    tenant_id,
    revenue_month,
    currency_code
having sum(amount) <> 0
