with invoice_parties as (
    select * from {{ ref('stg_catalogue__invoice_parties') }}
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
    from invoice_parties
)

select * from final
