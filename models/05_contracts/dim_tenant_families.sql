with tenant_families as (
    select
        *,
        concat_ws(':', family_id, tenant_id, effective_from_at) as act_key
    from {{ ref('stg_catalogue__tenant_families') }}
),

policy_effects as (
    select * from {{ ref('fct_policy_effects') }}
),

-- A family that no decision allows pools nothing.
final as (
    select
        tenant_families.family_id,
        tenant_families.tenant_id,
        tenant_families.effective_from_at,
        tenant_families.effective_to_at,
        tenant_families.recorded_at,
        tenant_families.policy_decision_id
    from tenant_families
    inner join policy_effects
        on
            policy_effects.act_source = 'tenant_families'
            and tenant_families.act_key = policy_effects.act_key
            and policy_effects.is_in_force
)

select * from final
