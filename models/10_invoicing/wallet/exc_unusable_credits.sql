with credits_granted as (
    select * from {{ ref('int_invoicing__credits_granted') }}
    where reason is not null
),

final as (
    select
        grant_id,
        tenant_id,
        contract_id,
        currency_code,
        reason,
        cast(amount as decimal(22, 9)) as amount,
        recorded_at,
        policy_decision_id
    from credits_granted
)

select * from final
