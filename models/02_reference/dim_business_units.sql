with business_units as (
    select * from {{ ref('stg_catalogue__business_units') }}
),

final as (
    select
        business_unit_id,
        tenant_id,
        business_unit_name
    from business_units
)

select * from final
