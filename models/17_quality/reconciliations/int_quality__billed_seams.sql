{#- What was waived was charged and never asked for. -#}
with periods_billed as (
    select * from {{ ref('fct_periods_billed') }}
    where not is_waived
),

contracts as (
    select * from {{ ref('dim_contracts') }}
),

charges as (
    select * from {{ ref('fct_charges') }}
),

invoices as (
    select * from {{ ref('fct_invoices') }}
    where status <> 'void'
),

invoice_lines as (
    select * from {{ ref('fct_invoice_lines') }}
),

memos as (
    select * from {{ ref('fct_memos') }}
    where
        memo_reason <> 'agreed'
        and status <> 'void'
),

charge_changes as (
    select * from {{ ref('fct_charge_changes') }}
    where not is_issued
),

asked as (
    select
        1 as side,
        billing_period_id,
        amount
    from charges
    union all
    select
        2 as side,
        invoices.billing_period_id,
        invoice_lines.price_amount as amount
    from invoice_lines
    inner join invoices
        on
            invoice_lines.invoice_id = invoices.invoice_id
            and invoice_lines.version = invoices.version
    union all
    select
        2 as side,
        billing_period_id,
        price_amount as amount
    from memos
    union all
    select
        2 as side,
        billing_period_id,
        amount
    from charge_changes
),

final as (
    select
        {{ seam_side(
            'billed', 'asked.side', 'asked.billing_period_id', 'contracts.currency_code',
            'asked.amount'
        ) }}
    from asked
    inner join periods_billed
        on asked.billing_period_id = periods_billed.billing_period_id
    inner join contracts
        on periods_billed.contract_id = contracts.contract_id
)

select * from final
