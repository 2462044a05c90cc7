with source as (
    select * from {{ ref('issuing_entities') }}
),

final as (
    select
        issuing_entity_id,
        entity_name,
        country_code,
        invoice_prefix
    from source
)

select * from final
