with statement_rows as (
    select * from {{ ref('stg_landing__cost_and_usage') }}
),

files as (
    select * from {{ ref('stg_landing__files') }}
),

-- FOCUS instants carry Z; what providers write without a zone is UTC.
typed as (
    select
        *,
        {{ parse_exact_decimal('billed_cost_text', 38, 12) }} as billed_cost_amount,
        {{ parse_exact_decimal('effective_cost_text', 38, 12) }} as effective_cost_amount,
        coalesce(
            {{ parse_instant('charge_period_start_text') }},
            try_cast(charge_period_start_text as timestamp)
        ) as charge_period_start_at
    from statement_rows
),

final as (
    select
        typed.landed_file,
        typed.line_number,
        typed.provider_name,
        typed.provider_invoice_id,
        typed.currency_code,
        typed.charge_category,
        typed.charge_class,
        typed.commitment_discount_status,
        typed.service_name,
        typed.service_category,
        typed.region,
        typed.resource_id,
        typed.tags,
        typed.other_columns,
        cast(date_trunc('month', typed.charge_period_start_at) as date) as cost_month,
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
        files.landed_at
    from typed
    inner join files
        on typed.landed_file = files.landed_file
)

select * from final
