-- Journal: the accounts of cost bear the effective cost of each month, as it is attributed or has
-- no home; accrued cost is what was billed, and commitments hold the difference.
with posted as (
    select
        accounts.posting_role,
        last_day(journal_lines.posted_date) as cost_date,
        journal_lines.currency_code,
        journal_lines.debit_amount - journal_lines.credit_amount as amount
    from {{ ref('fct_journal_lines') }} as journal_lines
    inner join {{ ref('dim_accounts') }} as accounts
        on journal_lines.account_id = accounts.account_id
    where journal_lines.source_type in ('cost_attribution', 'unallocated_cost')
),

costs as (
    select
        attributions.cost_month,
        case
            when attributions.tenant_id = '(idle)' then 'idle_cost'
            when categories.is_cogs is false then 'operating'
            else 'cogs'
        end as kind,
        attributions.currency_code,
        attributions.billed_cost_amount,
        attributions.effective_cost_amount
    from {{ ref('fct_cost_attributions') }} as attributions
    left join {{ ref('dim_cost_categories') }} as categories
        on attributions.cost_category = categories.cost_category
    union all
    select
        cost_month,
        'unallocated_cost' as kind,
        currency_code,
        billed_cost_amount,
        effective_cost_amount
    from {{ ref('fct_unallocated_costs') }}
),

stacked as (
    select
        case
            when posting_role like 'cogs%' then 'cogs'
            when posting_role like 'operating%' then 'operating'
            else posting_role
        end as kind,
        cost_date,
        currency_code,
        amount
    from posted
    union all
    select
        kind,
        last_day(cost_month) as cost_date,
        currency_code,
        -effective_cost_amount as amount
    from costs
    union all
    select
        'accrued_cost' as kind,
        last_day(cost_month) as cost_date,
        currency_code,
        billed_cost_amount as amount
    from costs
    union all
    select
        'prepaid_commitment' as kind,
        last_day(cost_month) as cost_date,
        currency_code,
        effective_cost_amount - billed_cost_amount as amount
    from costs
)

select
    kind,
    cost_date,
    currency_code,
    sum(amount) as difference_amount
from stacked
group by
    kind,
    cost_date,
    currency_code
having sum(amount) <> 0
