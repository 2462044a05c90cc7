with journal_lines as (
    select * from {{ ref('fct_journal_lines') }}
),

accounts as (
    select * from {{ ref('dim_accounts') }}
),

recognised_revenue as (
    select * from {{ ref('fct_recognised_revenue') }}
    where not is_internal
),

revenue_positions as (
    select * from {{ ref('fct_revenue_positions') }}
    where not is_internal
),

receivables as (
    select * from {{ ref('fct_receivables') }}
),

cost_attributions as (
    select * from {{ ref('fct_cost_attributions') }}
),

unallocated_costs as (
    select * from {{ ref('fct_unallocated_costs') }}
),

last_months as (
    select max(balance_month) as balance_month
    from revenue_positions
),

-- Receivables by what they debit, the others by what they credit.
posted as (
    select
        case
            when accounts.account_type in ('revenue', 'contra_revenue') then 'revenue_accounts'
            when accounts.posting_role = 'accounts_receivable' then 'receivable_account'
            when accounts.posting_role = 'deferred_revenue' then 'deferred_account'
            when accounts.posting_role = 'unbilled_receivable' then 'unbilled_account'
            when
                accounts.account_type = 'expense'
                and journal_lines.source_type in ('cost_attribution', 'unallocated_cost')
                then 'cost_accounts'
        end as seam,
        journal_lines.tenant_id,
        journal_lines.contract_id,
        journal_lines.invoice_id,
        journal_lines.currency_code,
        journal_lines.debit_amount - journal_lines.credit_amount as amount
    from journal_lines
    inner join accounts
        on journal_lines.account_id = accounts.account_id
),

final as (
    {% for side, amount in [(1, 'debit_amount'), (2, 'credit_amount')] -%}
        select
            {{ seam_side('journal', side, 'entry_id', 'currency_code', amount) }}
        from journal_lines
        union all
        select
            {{ seam_side(
                'journal_usd', side, 'entry_id', "'USD'", amount | replace('amount', 'usd')
            ) }}
        from journal_lines
        where debit_usd is not null
        union all
    {% endfor -%}
    {% for seam, subject_id, sign in [
        ('revenue_accounts', 'tenant_id', '-'),
        ('receivable_account', 'invoice_id', ''),
        ('deferred_account', 'contract_id', '-'),
        ('unbilled_account', 'contract_id', ''),
        ('cost_accounts', "'all'", ''),
    ] -%}
        select
            {{ seam_side(seam, 1, subject_id, 'currency_code', sign ~ 'amount') }}
        from posted
        where seam = '{{ seam }}'
        union all
    {% endfor -%}
    select
        {{ seam_side('revenue_accounts', 2, 'tenant_id', 'currency_code', 'recognised_amount') }}
    from recognised_revenue
    union all
    select
        {{ seam_side('receivable_account', 2, 'invoice_id', 'currency_code', 'open_amount') }}
    from receivables
    {% for seam, state in [('deferred_account', 'deferred'), ('unbilled_account', 'unbilled')] -%}
        union all
        select
            {{ seam_side(
                seam, 2, 'revenue_positions.contract_id', 'revenue_positions.currency_code',
                'revenue_positions.' ~ state ~ '_amount'
            ) }}
        from revenue_positions
        inner join last_months
            on revenue_positions.balance_month = last_months.balance_month
    {% endfor -%}
    {% for source in ['cost_attributions', 'unallocated_costs'] -%}
        union all
        select
            {{ seam_side('cost_accounts', 2, "'all'", 'currency_code', 'effective_cost_amount') }}
        from {{ source }}
    {% endfor -%}
)

select * from final
