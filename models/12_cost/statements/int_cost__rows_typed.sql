with statement_rows as (
    select * from {{ ref('stg_landing__cost_and_usage') }}
),

files as (
    select * from {{ ref('stg_landing__files') }}
),

-- The same bytes landed twice are one statement: in one batch always, and later where a provider's
-- statements add up.
copies as (
    select
        landed_file,
        landed_at,
        row_number() over (
            partition by digest order by landed_at asc, landed_file asc
        ) > 1 as is_copy,
        row_number() over (
            partition by digest, landed_at order by landed_file asc
        ) > 1 as is_copy_in_batch
    from files
),

-- FOCUS instants carry Z; what providers write without a zone is UTC.
typed as (
    select
        *,
        {{ parse_exact_decimal('billed_cost_text', 38, 12) }} as billed_cost_amount,
        {{ parse_exact_decimal('effective_cost_text', 38, 12) }} as effective_cost_amount,
        {{ parse_exact_decimal('consumed_quantity_text', 38, 15) }} as consumed_quantity,
        {{ instant_or_utc('billing_period_start_text') }} as billing_period_start_at,
        {{ instant_or_utc('charge_period_start_text') }} as charge_period_start_at,
        {{ instant_or_utc('charge_period_end_text') }} as charge_period_end_at
    from statement_rows
),

final as (
    select
        typed.landed_file,
        typed.line_number,
        typed.provider_name,
        typed.provider_invoice_id,
        typed.billing_account_id,
        typed.sub_account_id,
        typed.currency_code,
        typed.charge_category,
        typed.charge_class,
        typed.charge_frequency,
        typed.charge_description,
        typed.pricing_category,
        typed.commitment_discount_id,
        typed.commitment_discount_status,
        typed.service_name,
        typed.service_category,
        typed.sku_id,
        typed.region,
        typed.resource_id,
        typed.tags,
        typed.other_columns,
        cast(date_trunc('month', typed.charge_period_start_at) as date) as driver_month,
        cast(date_trunc('month', coalesce(
            typed.billing_period_start_at, typed.charge_period_start_at
        )) as date) as billing_month,
        copies.is_copy,
        copies.is_copy_in_batch,
        typed.consumed_quantity,
        typed.consumed_unit,
        typed.billed_cost_text,
        typed.effective_cost_text,
        typed.billed_cost_amount,
        typed.effective_cost_amount,
        concat_ws(
            ',',
            case when typed.provider_name is null then 'missing_provider' end,
            case when typed.currency_code is null then 'missing_currency' end,
            case when typed.charge_period_start_at is null then 'bad_charge_period' end,
            case when typed.billed_cost_amount is null then 'bad_billed_cost' end,
            case when typed.effective_cost_amount is null then 'bad_effective_cost' end
        ) as reasons,
        typed.billing_period_start_at,
        typed.charge_period_start_at,
        typed.charge_period_end_at,
        copies.landed_at
    from typed
    inner join copies
        on typed.landed_file = copies.landed_file
)

select * from final
