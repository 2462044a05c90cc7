with credits_drawn as (
    select * from {{ ref('int_invoicing__credits_drawn') }}
),

grants as (
    select * from {{ ref('fct_wallet_grants') }}
),

final as (
    select
        {{ content_id(['credits_drawn.grant_id', 'credits_drawn.movement_number']) }}
            as movement_id,
        credits_drawn.grant_id,
        credits_drawn.movement_number,
        grants.tenant_id,
        grants.contract_id,
        credits_drawn.billing_period_id,
        grants.currency_code,
        credits_drawn.movement_type,
        grants.grant_kind,
        grants.accounted_as,
        credits_drawn.amount,
        credits_drawn.balance_amount,
        credits_drawn.moved_at,
        grants.policy_decision_id
    from credits_drawn
    inner join grants
        on credits_drawn.grant_id = grants.grant_id
)

select * from final
