with issuing_entities as (
    select * from {{ ref('stg_catalogue__issuing_entities') }}
),

final as (
    select
        issuing_entity_id,
        entity_name,
        country_code,
        invoice_prefix
    from issuing_entities
)

select * from final
