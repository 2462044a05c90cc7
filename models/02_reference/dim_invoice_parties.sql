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
        email,
        bank_name,
        iban,
        bic,
        account_number,
        routing_number
    from invoice_parties
)

select * from final
