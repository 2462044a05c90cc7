with charges as (
    select * from {{ ref('fct_charges') }}
    where line_type = 'usage'
),

invoices as (
    select * from {{ ref('fct_invoices') }}
    where status <> 'void'
),

invoice_lines as (
    select * from {{ ref('fct_invoice_lines') }}
    where line_type = 'usage'
),

memos as (
    select * from {{ ref('fct_memos') }}
    where
        line_type = 'usage'
        and memo_reason <> 'agreed'
        and status <> 'void'
),

charge_changes as (
    select * from {{ ref('fct_charge_changes') }}
    where line_type = 'usage' and not is_issued
),

periods_billed as (
    select * from {{ ref('fct_periods_billed') }}
    where is_waived
),

periods as (
    select * from {{ ref('fct_billing_periods') }}
),

-- Before coupons, which are taken off the invoice and not off the usage, and as priced: with the
-- tax where prices include it.
staged as (
    select
        invoices.billing_period_id,
        case when invoices.issued_at is null then 'pending' else 'invoiced' end as stage,
        cast(invoice_lines.price_amount as decimal(38, 18)) as amount
    from invoice_lines
    inner join invoices
        on
            invoice_lines.invoice_id = invoices.invoice_id
            and invoice_lines.version = invoices.version
    union all
    select
        billing_period_id,
        case when issued_at is null then 'pending' else 'memo' end as stage,
        price_amount as amount
    from memos
    union all
    select
        billing_period_id,
        'pending' as stage,
        amount
    from charge_changes
    union all
    select
        charges.billing_period_id,
        'waived' as stage,
        charges.amount
    from charges
    inner join periods_billed
        on charges.billing_period_id = periods_billed.billing_period_id
    union all
    select
        billing_period_id,
        'rounding' as stage,
        exact_amount - amount as amount
    from charges
),

final as (
    select
        staged.billing_period_id,
        staged.stage,
        periods.contract_id,
        periods.tenant_id,
        cast(sum(staged.amount) as decimal(38, 18)) as amount,
        periods.currency_code,
        periods.period_month
    from staged
    inner join periods
        on staged.billing_period_id = periods.billing_period_id
    group by
        staged.billing_period_id,
        staged.stage,
        periods.contract_id,
        periods.tenant_id,
        periods.currency_code,
        periods.period_month
)

select * from final
