with legs as (
    select * from {{ ref('int_ledger__legs_dated') }}
),

differences as (
    select * from {{ ref('int_ledger__balances_revalued') }}
),

accounts as (
    select * from {{ ref('dim_accounts') }}
),

{% set described = [
    'entry_id', 'invoice_id', 'contract_id', 'tenant_id', 'currency_code', 'posted_date',
] -%}
stacked as (
    select
        {{ described | join(',\n        ') }},
        posting_role,
        source_type,
        source_id,
        description,
        amount,
        amount_usd,
        policy_decision_id
    from legs
    {% for role, sign in [('posting_role', ''), ("'exchange_gain_loss'", '-')] -%}
        union all
        select
            {{ described | join(',\n            ') }},
            {{ role }} as posting_role,
            'exchange_difference' as source_type,
            coalesce(contract_id, tenant_id) as source_id,
            concat('exchange difference, ', strftime(posted_date, '%Y-%m')) as description,
            0 as amount,
            {{ sign }}gained_usd as amount_usd,
            null as policy_decision_id
        from differences
    {% endfor %}
),

-- An entry says once what it does to an account.
netted as (
    select
        {{ described | join(',\n        ') }},
        posting_role,
        source_type,
        source_id,
        description,
        policy_decision_id,
        sum(amount) as amount,
        {{ sum_of_known('amount_usd') }} as amount_usd
    from stacked
    group by
        {{ described | join(',\n        ') }},
        posting_role,
        source_type,
        source_id,
        description,
        policy_decision_id
),

final as (
    select
        {{ content_id(['netted.entry_id', 'netted.posting_role', 'netted.invoice_id']) }}
            as journal_line_id,
        netted.entry_id,
        accounts.account_id,
        netted.invoice_id,
        netted.contract_id,
        netted.tenant_id,
        netted.source_type,
        netted.source_id,
        netted.description,
        netted.posted_date,
        cast({{ later_of('netted.amount', '0') }} as decimal(38, 12)) as debit_amount,
        cast({{ later_of('-netted.amount', '0') }} as decimal(38, 12)) as credit_amount,
        -- The greater of an unknown amount and zero would be zero.
        cast(case
            when netted.amount_usd is not null then {{ later_of('netted.amount_usd', '0') }}
        end as decimal(38, 12)) as debit_usd,
        cast(case
            when netted.amount_usd is not null then {{ later_of('-netted.amount_usd', '0') }}
        end as decimal(38, 12)) as credit_usd,
        netted.currency_code,
        netted.policy_decision_id
    from netted
    left join accounts
        on netted.posting_role = accounts.posting_role
    where netted.amount <> 0 or netted.amount_usd <> 0
)

select * from final
