with source as (
    select * from {{ ref('invoice_parties') }}
),

final as (
    select
        party_type,
        party_id,
        address_lines,
        tax_number,
        locale,
        bank_name,
        iban,
        bic
    from source
)

select * from final
