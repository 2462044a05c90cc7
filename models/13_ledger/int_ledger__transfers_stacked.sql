{%- set described = [
    'source_type', 'source_id', 'entry_key', 'debit_role', 'credit_role', 'amount', 'amount_usd',
    'currency_code', 'invoice_id', 'contract_id', 'tenant_id', 'description', 'event_date',
    'landed_at', 'policy_decision_id',
] -%}
with receivables_posted as (
    select * from {{ ref('int_ledger__receivables_posted') }}
),

cash_posted as (
    select * from {{ ref('int_ledger__cash_posted') }}
),

costs_posted as (
    select * from {{ ref('int_ledger__costs_posted') }}
),

revenue_posted as (
    select * from {{ ref('int_ledger__revenue_posted') }}
),

positions_reclassified as (
    select * from {{ ref('int_ledger__positions_reclassified') }}
),

final as (
    select
        {{ described | join(',\n        ') }}
    from receivables_posted
    union all
    select
        {{ described | join(',\n        ') }}
    from cash_posted
    union all
    select
        {{ described | join(',\n        ') }}
    from costs_posted
    union all
    select
        {{ described | join(',\n        ') }}
    from revenue_posted
    union all
    select
        {{ described | join(',\n        ') }}
    from positions_reclassified
)

select * from final
