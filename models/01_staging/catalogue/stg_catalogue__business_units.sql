with source as (
    select * from {{ ref('business_units') }}
),

final as (
    select
        business_unit_id,
        tenant_id,
        business_unit_name
    from source
)

select * from final
