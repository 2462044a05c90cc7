with contract_packs as (
    select * from {{ ref('stg_catalogue__contract_packs') }}
),

contracts as (
    select * from {{ ref('dim_contracts') }}
),

final as (
    select
        contract_packs.contract_id,
        contract_packs.pack_id
    from contract_packs
    inner join contracts
        on contract_packs.contract_id = contracts.contract_id
)

select * from final
