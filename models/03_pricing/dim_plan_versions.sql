with versions as (
    select * from {{ ref('stg_catalogue__plan_versions') }}
),

plans as (
    select * from {{ ref('stg_catalogue__price_plans') }}
),

final as (
    select
        versions.plan_version_id,
        versions.plan_id,
        versions.version,
        plans.sku,
        plans.plan_name,
        plans.edition,
        plans.billing_interval,
        versions.rollout,
        versions.supersedes_plan_version_id,
        versions.effective_from_at,
        versions.effective_to_at,
        versions.recorded_at,
        versions.policy_decision_id
    from versions
    inner join plans
        on versions.plan_id = plans.plan_id
)

select * from final
