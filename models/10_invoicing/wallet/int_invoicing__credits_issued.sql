with grants as (
    select * from {{ ref('fct_wallet_grants') }}
),

-- The documents that are issued do not say yet what credits paid of them, so no draw is a fact.
final as (
    select
        grant_id,
        cast(null as varchar) as billing_period_id,
        amount,
        cast(null as timestamp) as drawn_at
    from grants
    where false
)

select * from final
