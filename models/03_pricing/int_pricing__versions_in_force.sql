with versions as (
    select * from {{ ref('stg_catalogue__plan_versions') }}
),

policy_effects as (
    select * from {{ ref('fct_policy_effects') }}
),

in_force as (
    select versions.*
    from versions
    inner join policy_effects
        on
            policy_effects.act_source = 'plan_versions'
            and versions.plan_version_id = policy_effects.act_key
            and policy_effects.is_in_force
),

plan_ends as (
    select
        plan_id,
        max(effective_to_at) as effective_to_at
    from versions
    group by plan_id
),

-- Where a version is not in force the one before it goes on, up to the next that is.
followed as (
    select
        in_force.plan_version_id,
        in_force.plan_id,
        min(later_versions.effective_from_at) as next_from_at
    from in_force
    left join in_force as later_versions
        on
            in_force.plan_id = later_versions.plan_id
            and in_force.effective_to_at <= later_versions.effective_from_at
    group by
        in_force.plan_version_id,
        in_force.plan_id
),

final as (
    select
        followed.plan_version_id,
        coalesce(followed.next_from_at, plan_ends.effective_to_at) as effective_to_at
    from followed
    inner join plan_ends
        on followed.plan_id = plan_ends.plan_id
)

select * from final
