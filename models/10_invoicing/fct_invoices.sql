with periods as (
    select * from {{ ref('fct_billing_periods') }}
),

contracts as (
    select * from {{ ref('dim_contracts') }}
),

invoice_lines as (
    select * from {{ ref('fct_invoice_lines') }}
),

exchange_rates as (
    select * from {{ ref('fct_exchange_rates') }}
),

totalled as (
    select
        invoice_id,
        cast(sum(amount) as decimal(22, 4)) as subtotal_amount,
        cast({{ sum_of_known('tax_amount') }} as decimal(22, 4)) as tax_amount
    from invoice_lines
    group by invoice_id
),

-- One draft for each billing period that has begun. It has no number and no issue date.
drafted as (
    select
        {{ content_id(['periods.billing_period_id', '1']) }} as invoice_id,
        periods.tenant_id,
        periods.contract_id,
        periods.currency_code,
        contracts.issuing_entity_id,
        contracts.is_internal,
        periods.period_month,
        periods.period_start_at,
        periods.period_end_at,
        periods.bills_date + contracts.payment_terms_days as due_date
    from periods
    inner join contracts
        on periods.contract_id = contracts.contract_id
),

final as (
    select
        drafted.invoice_id,
        cast(null as varchar) as invoice_number,
        1 as version,
        true as is_current,
        drafted.tenant_id,
        drafted.contract_id,
        drafted.issuing_entity_id,
        'draft' as status,
        drafted.is_internal,
        totalled.subtotal_amount,
        cast(0 as decimal(22, 4)) as discount_amount,
        totalled.tax_amount,
        cast(totalled.subtotal_amount + totalled.tax_amount as decimal(22, 4)) as total_amount,
        cast(0 as decimal(22, 4)) as credits_applied_amount,
        cast(totalled.subtotal_amount + totalled.tax_amount as decimal(22, 4)) as amount_due,
        drafted.currency_code,
        {{ to_usd(
            'totalled.subtotal_amount + totalled.tax_amount', 'exchange_rates.usd_per_unit'
        ) }} as total_usd,
        drafted.period_month,
        drafted.period_start_at,
        drafted.period_end_at,
        drafted.due_date,
        cast(null as timestamp) as issued_at,
        cast(null as varchar) as lock_digest
    from drafted
    inner join totalled
        on drafted.invoice_id = totalled.invoice_id
    left join exchange_rates
        on
            drafted.currency_code = exchange_rates.currency_code
            and drafted.period_month = exchange_rates.rate_month
)

select * from final
