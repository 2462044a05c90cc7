with source as (
    select * from {{ ref('tenants') }}
),

final as (
    select
        tenant_id,
        tenant_name,
        tier_id,
        region,
        country_code,
        tax_region,
        customer_kind,
        billing_currency_code,
        cast(is_internal as boolean) as is_internal
    from source
)

select * from final
