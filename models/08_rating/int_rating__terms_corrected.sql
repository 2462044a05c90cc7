with recursive

plan_versions as (
    select * from {{ ref('dim_plan_versions') }}
),

policy_effects as (
    select * from {{ ref('fct_policy_effects') }}
    where act_source = 'plan_versions' and is_in_force
),

plan_lines as (
    select * from {{ ref('dim_plan_lines') }}
),

standing as (
    select * from plan_versions
    where plan_version_id not in (
        select corrected.supersedes_plan_version_id
        from plan_versions as corrected
        where corrected.supersedes_plan_version_id is not null
    )
),

-- Until a version is known, the one that it corrects is in force, or the one before it goes on.
preceded as (
    select
        plan_version_id,
        lag(plan_version_id) over (partition by plan_id order by effective_from_at)
            as former_version_id
    from standing
),

corrections as (
    select
        plan_versions.plan_version_id,
        plan_versions.effective_from_at,
        coalesce(plan_versions.supersedes_plan_version_id, preceded.former_version_id)
            as former_version_id,
        policy_effects.known_from_at
    from plan_versions
    inner join policy_effects
        on plan_versions.plan_version_id = policy_effects.act_key
    left join preceded
        on plan_versions.plan_version_id = preceded.plan_version_id
    where policy_effects.known_from_at > plan_versions.effective_from_at
),

-- Back from a version to all that it took the place of, one after the other.
lineage as (
    select
        plan_version_id,
        effective_from_at,
        former_version_id,
        1 as step_count,
        known_from_at as known_to_at
    from corrections
    where former_version_id is not null
    union all
    select
        lineage.plan_version_id,
        lineage.effective_from_at,
        corrections.former_version_id,
        lineage.step_count + 1 as step_count,
        {{ earlier_of('lineage.known_to_at', 'corrections.known_from_at') }} as known_to_at
    from lineage
    inner join corrections
        on lineage.former_version_id = corrections.plan_version_id
    where corrections.former_version_id is not null
),

-- The line of the same code.
followed as (
    select
        plan_lines.plan_line_id,
        plan_lines.plan_version_id,
        former.plan_line_id as former_plan_line_id,
        lineage.effective_from_at,
        lag(lineage.known_to_at, 1, timestamp '-infinity') over (
            partition by plan_lines.plan_line_id
            order by lineage.known_to_at, lineage.step_count desc
        ) as known_from_at,
        lineage.known_to_at
    from lineage
    inner join plan_lines
        on lineage.plan_version_id = plan_lines.plan_version_id
    inner join plan_lines as former
        on
            lineage.former_version_id = former.plan_version_id
            and plan_lines.line_code = former.line_code
),

-- One that was corrected before it was known was never in force.
final as (
    select * from followed
    where known_from_at < known_to_at
)

select * from final
