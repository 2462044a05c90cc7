with credits_granted as (
    select * from {{ ref('int_invoicing__credits_granted') }}
    where reason is null
),

-- What a customer has bought is owed to it until it is used; what it was given is revenue forgone.
final as (
    select
        grant_id,
        grant_source,
        tenant_id,
        contract_id,
        currency_code,
        grant_kind,
        case grant_kind when 'purchased' then 'liability' else 'contra_revenue' end
            as accounted_as,
        line_types,
        priority,
        cast(amount as decimal(22, 4)) as amount,
        effective_at,
        expires_at,
        recorded_at,
        policy_decision_id
    from credits_granted
)

select * from final
