with tenants as (
    select * from {{ ref('stg_catalogue__tenants') }}
),

tiers as (
    select * from {{ ref('stg_catalogue__tiers') }}
),

final as (
    select
        tenants.tenant_id,
        tenants.tenant_name,
        tenants.tier_id,
        tiers.tier_name,
        tiers.support_level,
        tenants.region,
        tenants.country_code,
        tenants.tax_region,
        tenants.customer_kind,
        tenants.billing_currency_code,
        tenants.is_internal
    from tenants
    left join tiers
        on tenants.tier_id = tiers.tier_id
)

select * from final
