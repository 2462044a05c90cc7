with rows_read as (
    select * from {{ ref('int_staging__cost_rows_read') }}
),

final as (
    select
        landed_file,
        line_number,
        "ProviderName" as provider_name,
        "InvoiceId" as provider_invoice_id,
        "BillingAccountId" as billing_account_id,
        "SubAccountId" as sub_account_id,
        "BillingCurrency" as currency_code,
        "ChargeCategory" as charge_category,
        "ChargeClass" as charge_class,
        "ChargeFrequency" as charge_frequency,
        "ChargeDescription" as charge_description,
        "PricingCategory" as pricing_category,
        "CommitmentDiscountId" as commitment_discount_id,
        "CommitmentDiscountStatus" as commitment_discount_status,
        "ServiceName" as service_name,
        "ServiceCategory" as service_category,
        "SkuId" as sku_id,
        "RegionId" as region,
        "ResourceId" as resource_id,
        "Tags" as tags,
        "ConsumedQuantity" as consumed_quantity,
        "ConsumedUnit" as consumed_unit,
        "BilledCost" as billed_cost_amount,
        "BilledCostText" as billed_cost_text,
        "EffectiveCost" as effective_cost_amount,
        "EffectiveCostText" as effective_cost_text,
        "BillingPeriodStart" as billing_period_start_at,
        "BillingPeriodEnd" as billing_period_end_at,
        "ChargePeriodStart" as charge_period_start_at,
        "ChargePeriodEnd" as charge_period_end_at,
        other_columns
    from rows_read
)

select * from final
