-- Journal: deferred revenue, unbilled receivables and refund liability hold at as-of what the
-- contracts have of them, in their currency and in the reporting currency, where that is known.
with accounts as (
    select account_id, posting_role
    from {{ ref('dim_accounts') }}
    where posting_role in ('deferred_revenue', 'unbilled_receivable', 'refund_liability')
),

last_month as (
    select cast(date_trunc('month', as_of_at) as date) as balance_month
    from {{ ref('dim_as_of') }}
),

stacked as (
    select
        accounts.posting_role,
        journal_lines.contract_id,
        journal_lines.currency_code,
        journal_lines.debit_amount - journal_lines.credit_amount as amount,
        journal_lines.debit_usd - journal_lines.credit_usd as amount_usd
    from {{ ref('fct_journal_lines') }} as journal_lines
    inner join accounts
        on journal_lines.account_id = accounts.account_id
    {% for role, state, sign in [
        ('deferred_revenue', 'deferred', ''),
        ('unbilled_receivable', 'unbilled', '-'),
        ('refund_liability', 'refund_liability', ''),
    ] -%}
        union all
        select
            '{{ role }}' as posting_role,
            positions.contract_id,
            positions.currency_code,
            {{ sign }}positions.{{ state }}_amount as amount,
            {{ sign }}positions.{{ state }}_usd as amount_usd
        from {{ ref('fct_revenue_positions') }} as positions
        inner join last_month
            on positions.balance_month = last_month.balance_month
        where not positions.is_internal
    {% endfor %}
)

select
    posting_role,
    contract_id,
    currency_code,
    sum(amount) as difference_amount,
    sum(amount_usd) as difference_usd
from stacked
group by
    posting_role,
    contract_id,
    currency_code
having
    sum(amount) <> 0
    or (count(amount_usd) = count(*) and sum(amount_usd) <> 0)
