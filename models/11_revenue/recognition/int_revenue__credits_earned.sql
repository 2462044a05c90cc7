with wallet_earned as (
    select * from {{ ref('int_revenue__wallet_earned') }}
),

grants as (
    select * from {{ ref('fct_wallet_grants') }}
),

tenants as (
    select * from {{ ref('dim_tenants') }}
),

currencies as (
    select * from {{ ref('dim_currencies') }}
),

-- What was given is revenue forgone when it is used; what was bought and is never used is earned.
earned as (
    select
        wallet_earned.grant_id,
        case grants.grant_kind when 'purchased' then 'breakage' else 'granted_credit' end
            as revenue_kind,
        grants.tenant_id,
        coalesce(grants.contract_id, '(none)') as contract_id,
        tenants.is_internal,
        case
            when grants.grant_kind = 'purchased' then wallet_earned.broken_amount
            when not wallet_earned.is_expiry then -wallet_earned.used_amount
        end as amount,
        grants.currency_code,
        currencies.minor_unit,
        cast(date_trunc('month', wallet_earned.moved_at) as date) as revenue_month
    from wallet_earned
    inner join grants
        on wallet_earned.grant_id = grants.grant_id
    inner join tenants
        on grants.tenant_id = tenants.tenant_id
    inner join currencies
        on grants.currency_code = currencies.currency_code
),

final as (
    select
        {{ content_id(['contract_id', 'revenue_kind', 'grant_id']) }} as obligation_id,
        grant_id as balance_key,
        contract_id,
        tenant_id,
        cast(null as varchar) as pack_id,
        revenue_kind,
        is_internal,
        revenue_month,
        {{ round_money('sum(amount)', 'any_value(minor_unit)') }} as amount,
        currency_code
    from earned
    where amount <> 0
    group by
        contract_id,
        tenant_id,
        grant_id,
        revenue_kind,
        is_internal,
        revenue_month,
        currency_code
)

select * from final
