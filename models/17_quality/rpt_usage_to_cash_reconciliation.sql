with reading_outcomes as (
    select * from {{ ref('fct_reading_outcomes') }}
),

rated_usage as (
    select * from {{ ref('fct_rated_usage') }}
),

invoice_lines as (
    select * from {{ ref('fct_invoice_lines') }}
),

invoices as (
    select * from {{ ref('fct_invoices') }}
),

contracts as (
    select * from {{ ref('dim_contracts') }}
),

tenants as (
    select * from {{ ref('dim_tenants') }}
),

-- Each source fills its own columns; the sums below put them side by side.
stacked as (
    select
        reading_outcomes.tenant_id,
        reading_outcomes.period_month,
        coalesce(contracts.currency_code, tenants.billing_currency_code) as currency_code,
        reading_outcomes.status,
        1 as readings,
        cast(0 as decimal(38, 18)) as rated_net_amount,
        cast(0 as decimal(38, 18)) as invoiced_amount,
        cast(0 as decimal(38, 18)) as pending_amount,
        cast(0 as decimal(38, 18)) as rounding_amount
    from reading_outcomes
    inner join tenants
        on reading_outcomes.tenant_id = tenants.tenant_id
    left join contracts
        on reading_outcomes.contract_id = contracts.contract_id
    union all
    select
        tenant_id,
        period_month,
        currency_code,
        null as status,
        0 as readings,
        net_amount as rated_net_amount,
        0 as invoiced_amount,
        0 as pending_amount,
        0 as rounding_amount
    from rated_usage
    where
        is_current
        and status = 'rated'
    union all
    select
        invoices.tenant_id,
        invoices.period_month,
        invoices.currency_code,
        null as status,
        0 as readings,
        0 as rated_net_amount,
        case when invoices.status <> 'draft' then invoice_lines.amount else 0 end
            as invoiced_amount,
        case when invoices.status = 'draft' then invoice_lines.amount else 0 end
            as pending_amount,
        invoice_lines.exact_amount - invoice_lines.amount as rounding_amount
    from invoice_lines
    inner join invoices
        on invoice_lines.invoice_id = invoices.invoice_id
    where invoice_lines.line_type = 'usage'
),

final as (
    select
        tenant_id,
        period_month,
        currency_code,
        cast(sum(readings) as bigint) as readings,
        count(*) filter (where status = 'rated') as readings_rated,
        count(*) filter (where status = 'unpriced') as readings_unpriced,
        count(*) filter (where status = 'not_billable') as readings_not_billable,
        cast(sum(rated_net_amount) as decimal(38, 18)) as rated_net_amount,
        cast(sum(invoiced_amount) as decimal(38, 18)) as invoiced_amount,
        cast(0 as decimal(38, 18)) as memo_amount,
        cast(sum(pending_amount) as decimal(38, 18)) as pending_amount,
        cast(0 as decimal(38, 18)) as waived_amount,
        cast(sum(rounding_amount) as decimal(38, 18)) as rounding_amount,
        cast(
            sum(rated_net_amount) - sum(invoiced_amount) - sum(pending_amount)
            - sum(rounding_amount) as decimal(38, 18)
        ) as difference_amount
    from stacked
    group by
        tenant_id,
        period_month,
        currency_code
)

select * from final
