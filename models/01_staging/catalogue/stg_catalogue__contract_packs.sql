with source as (
    select * from {{ ref('contract_packs') }}
),

final as (
    select
        contract_id,
        pack_id
    from source
)

select * from final
