with periods as (
    select * from {{ ref('fct_billing_periods') }}
),

contracts as (
    select * from {{ ref('dim_contracts') }}
),

periods_billed as (
    select * from {{ ref('fct_periods_billed') }}
    where drafted_version is not null
),

lines_taxed as (
    select * from {{ ref('int_invoicing__lines_taxed') }}
),

wallet_movements as (
    select * from {{ ref('fct_wallet_movements') }}
),

locks as (
    select * from {{ ref('fct_locks') }}
),

exchange_rates as (
    select * from {{ ref('fct_exchange_rates') }}
),

summed as (
    select
        billing_period_id,
        cast({{ sum_of_known('amount') }} as decimal(22, 4)) as subtotal_amount,
        cast(sum(coupon_amount) as decimal(22, 4)) as discount_amount,
        cast({{ sum_of_known('tax_amount') }} as decimal(22, 4)) as tax_amount
    from lines_taxed
    group by billing_period_id
),

paid as (
    select
        billing_period_id,
        -sum(amount) as credits_applied_amount
    from wallet_movements
    where movement_type = 'draw'
    group by billing_period_id
),

totalled as (
    select
        summed.*,
        cast(coalesce(paid.credits_applied_amount, 0) as decimal(22, 4)) as credits_applied_amount,
        cast(
            summed.subtotal_amount - summed.discount_amount + summed.tax_amount as decimal(22, 4)
        ) as total_amount
    from summed
    left join paid
        on summed.billing_period_id = paid.billing_period_id
),

-- A draft has no number and no issue date, and shows the rate of its month.
final as (
    select
        periods_billed.invoice_id,
        periods_billed.drafted_version as version,
        periods.billing_period_id,
        periods.contract_id,
        periods.tenant_id,
        contracts.issuing_entity_id,
        contracts.is_internal,
        totalled.subtotal_amount,
        totalled.discount_amount,
        totalled.tax_amount,
        totalled.total_amount,
        totalled.credits_applied_amount,
        cast(totalled.total_amount - totalled.credits_applied_amount as decimal(22, 4))
            as amount_due,
        periods.currency_code,
        {{ to_usd('totalled.total_amount', 'exchange_rates.usd_per_unit') }} as total_usd,
        periods.period_start_at,
        periods.period_end_at,
        periods.bills_date + contracts.payment_terms_days as due_date,
        locks.lock_digest
    from periods_billed
    inner join periods
        on periods_billed.billing_period_id = periods.billing_period_id
    inner join contracts
        on periods.contract_id = contracts.contract_id
    inner join totalled
        on periods.billing_period_id = totalled.billing_period_id
    left join locks
        on
            periods_billed.billing_period_id = locks.billing_period_id
            and periods_billed.drafted_version = locks.version
    left join exchange_rates
        on
            periods.currency_code = exchange_rates.currency_code
            and periods.period_month = exchange_rates.rate_month
)

select * from final
