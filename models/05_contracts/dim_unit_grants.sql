with unit_grants as (
    select
        *,
        grant_id as act_key
    from {{ ref('stg_catalogue__unit_grants') }}
),

policy_effects as (
    select * from {{ ref('fct_policy_effects') }}
),

-- A grant that no decision allows covers nothing.
final as (
    select
        unit_grants.grant_id,
        unit_grants.contract_id,
        unit_grants.meter_ids,
        unit_grants.pack_ids,
        unit_grants.grant_kind,
        unit_grants.quantity,
        unit_grants.priority,
        unit_grants.effective_at,
        unit_grants.expires_at,
        unit_grants.recurrence,
        unit_grants.rollover_limit_quantity,
        unit_grants.recorded_at,
        unit_grants.policy_decision_id
    from unit_grants
    inner join policy_effects
        on
            policy_effects.act_source = 'unit_grants'
            and unit_grants.act_key = policy_effects.act_key
            and policy_effects.is_in_force
)

select * from final
