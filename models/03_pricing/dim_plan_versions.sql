with versions as (
    select * from {{ ref('stg_catalogue__plan_versions') }}
),

plans as (
    select * from {{ ref('stg_catalogue__price_plans') }}
),

skus as (
    select * from {{ ref('dim_skus') }}
),

in_force as (
    select * from {{ ref('int_pricing__versions_in_force') }}
),

-- A version that does not say how it reaches contracts keeps the promise of the SKU.
final as (
    select
        versions.plan_version_id,
        versions.plan_id,
        versions.version,
        plans.sku,
        plans.plan_name,
        plans.edition,
        plans.billing_interval,
        coalesce(versions.rollout, skus.price_change_policy, 'immediate_prorated') as rollout,
        versions.supersedes_plan_version_id,
        versions.effective_from_at,
        in_force.effective_to_at,
        versions.recorded_at,
        versions.policy_decision_id
    from versions
    inner join plans
        on versions.plan_id = plans.plan_id
    left join skus
        on plans.sku = skus.sku
    inner join in_force
        on versions.plan_version_id = in_force.plan_version_id
)

select * from final
