with selectors as (
    select * from {{ ref('int_metering__selectors_matched') }}
),

final as (
    select distinct
        meter_id,
        dimensions_key,
        dimensions,
        pack_id,
        environment,
        business_unit_id,
        group_value
    from selectors
)

select * from final
