with movements as (
    select * from {{ ref('fct_grant_movements') }}
),

unit_grants as (
    select * from {{ ref('stg_catalogue__unit_grants') }}
),

contracts as (
    select * from {{ ref('dim_contracts') }}
),

moved as (
    select
        grant_id,
        coalesce(sum(quantity) filter (where movement_type = 'grant'), 0) as granted_quantity,
        -coalesce(sum(quantity) filter (where movement_type in ('draw', 'return')), 0)
            as used_quantity,
        -coalesce(sum(quantity) filter (where movement_type = 'expiry'), 0) as expired_quantity,
        max_by(balance_quantity, movement_number) as balance_quantity,
        max(period_ends_at) as period_ends_at
    from movements
    group by grant_id
),

-- A grant that has not begun by as-of holds nothing yet.
final as (
    select
        unit_grants.grant_id,
        unit_grants.contract_id,
        contracts.tenant_id,
        unit_grants.meter_ids,
        unit_grants.pack_ids,
        unit_grants.grant_kind,
        unit_grants.recurrence,
        unit_grants.priority,
        cast(coalesce(moved.granted_quantity, 0) as decimal(22, 9)) as granted_quantity,
        cast(coalesce(moved.used_quantity, 0) as decimal(22, 9)) as used_quantity,
        cast(coalesce(moved.expired_quantity, 0) as decimal(22, 9)) as expired_quantity,
        cast(coalesce(moved.balance_quantity, 0) as decimal(22, 9)) as balance_quantity,
        unit_grants.effective_at,
        coalesce(moved.period_ends_at, unit_grants.expires_at) as period_ends_at,
        unit_grants.expires_at,
        unit_grants.policy_decision_id
    from unit_grants
    inner join contracts
        on unit_grants.contract_id = contracts.contract_id
    left join moved
        on unit_grants.grant_id = moved.grant_id
)

select * from final
