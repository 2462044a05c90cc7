with unpriced_usage as (
    select * from {{ ref('exc_unpriced_usage') }}
),

missing_tax_rates as (
    select * from {{ ref('exc_missing_tax_rates') }}
),

usage_billings as (
    select * from {{ ref('fct_usage_billings') }}
),

invoices as (
    select * from {{ ref('fct_invoices') }}
    where is_current
),

rated_usage as (
    select * from {{ ref('fct_rated_usage') }}
),

receipts as (
    select * from {{ ref('fct_receipts') }}
),

as_of as (
    select * from {{ ref('dim_as_of') }}
),

pending as (
    select
        usage_billings.contract_id,
        usage_billings.period_month,
        usage_billings.currency_code,
        sum(usage_billings.amount) as pending_amount,
        date_diff(
            'day', usage_billings.period_month + interval 1 month, any_value(as_of.as_of_at)
        ) as age_days
    from usage_billings
    cross join as_of
    where usage_billings.stage = 'pending'
    group by
        usage_billings.contract_id,
        usage_billings.period_month,
        usage_billings.currency_code
    having sum(usage_billings.amount) <> 0
),

without_receipt as (
    select
        rated_usage.contract_id,
        rated_usage.period_month,
        count(*) as row_count,
        min(rated_usage.rated_usage_id) as rated_usage_id
    from rated_usage
    left join receipts
        on rated_usage.receipt_id = receipts.receipt_id
    where
        rated_usage.is_current
        and rated_usage.status = 'rated'
        and receipts.receipt_id is null
    group by
        rated_usage.contract_id,
        rated_usage.period_month
),

final as (
    -- What is stored counts from month to month without any new event.
    select
        {{ signal(
            'unpriced_usage', 'meter', "concat_ws(':', tenant_id, meter_id)", 'period_month',
            'greatest(event_count, 1)',
            "concat(quantity, case when event_count = 0 then ' held since before' else concat(' of ', event_count, ' events') end)"
        ) }}
    from unpriced_usage
    union all
    select
        {{ signal(
            'not_invoiced', 'contract', 'contract_id', 'period_month', '1',
            "concat(pending_amount, ' ', currency_code, ' of usage is rated and on no document')",
            age_days='age_days'
        ) }}
    from pending
    union all
    select
        {{ signal(
            'not_sent', 'invoice', 'invoices.invoice_number', 'cast(invoices.issued_at as date)', '1',
            "concat(invoices.total_amount, ' ', invoices.currency_code, ' for ', invoices.tenant_id)",
            age_days="date_diff('day', invoices.issued_at, as_of.as_of_at)"
        ) }}
    from invoices
    cross join as_of
    where
        invoices.issued_at is not null
        and invoices.sent_at is null
        and invoices.voided_at is null
    union all
    select
        {{ signal(
            'receipt_missing', 'contract', 'contract_id', 'period_month', 'row_count',
            "concat(row_count, ' rated rows, the first is ', rated_usage_id)"
        ) }}
    from without_receipt
    union all
    select
        {{ signal(
            'missing_tax_rate', 'invoice', 'invoice_id', 'cast(period_start_at as date)', '1',
            "concat('no tax rate for ', tenant_id, ' is in force')"
        ) }}
    from missing_tax_rates
)

select * from final
