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
        email,
        bank_name,
        iban,
        bic,
        account_number,
        routing_number
    from source
)

select * from final
