with contract_packs as (
    select * from {{ ref('stg_catalogue__contract_packs') }}
),

final as (
    select
        contract_id,
        pack_id
    from contract_packs
)

select * from final
