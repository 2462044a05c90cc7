with rows_read as (
    select * from {{ ref('int_staging__cost_rows_read') }}
),

final as (
    select
        landed_file,
        line_number,
        coalesce("ProviderName", "ServiceProviderName", "InvoiceIssuerName") as provider_name,
        "InvoiceId" as provider_invoice_id,
        "BillingCurrency" as currency_code,
        "ChargeCategory" as charge_category,
        "ChargeClass" as charge_class,
        "CommitmentDiscountStatus" as commitment_discount_status,
        "ServiceName" as service_name,
        "ServiceCategory" as service_category,
        "RegionId" as region,
        "ResourceId" as resource_id,
        "Tags" as tags,
        "BilledCost" as billed_cost_text,
        "EffectiveCost" as effective_cost_text,
        "BillingPeriodStart" as billing_period_start_text,
        "ChargePeriodStart" as charge_period_start_text,
        other_columns
    from rows_read
)

select * from final
