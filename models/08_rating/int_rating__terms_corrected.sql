with plan_versions as (
    select * from {{ ref('dim_plan_versions') }}
),

policy_effects as (
    select * from {{ ref('fct_policy_effects') }}
    where act_source = 'plan_versions' and is_in_force
),

plan_lines as (
    select * from {{ ref('dim_plan_lines') }}
),

versions as (
    select
        plan_versions.plan_version_id,
        plan_versions.plan_id,
        plan_versions.version,
        plan_versions.effective_from_at,
        policy_effects.known_from_at
    from plan_versions
    inner join policy_effects
        on plan_versions.plan_version_id = policy_effects.act_key
),

-- Until a version is known, another is in force for the same time: of those that are known the one
-- that begins last, and of two that begin together the later one.
preceded as (
    select
        recorded_late.plan_version_id,
        recorded_late.effective_from_at,
        former.plan_version_id as former_version_id,
        former.known_from_at,
        min(better.known_from_at) as known_to_at
    from versions as recorded_late
    inner join versions as former
        on
            recorded_late.plan_id = former.plan_id
            and recorded_late.effective_from_at >= former.effective_from_at
            and recorded_late.version > former.version
    inner join versions as better
        on
            recorded_late.plan_id = better.plan_id
            and recorded_late.effective_from_at >= better.effective_from_at
            and (better.effective_from_at, better.version)
            > (former.effective_from_at, former.version)
    where recorded_late.known_from_at > recorded_late.effective_from_at
    group by
        recorded_late.plan_version_id,
        recorded_late.effective_from_at,
        former.plan_version_id,
        former.known_from_at
),

-- The line of the same code; the first is in force from ever.
final as (
    select
        plan_lines.plan_line_id,
        plan_lines.plan_version_id,
        former_lines.plan_line_id as former_plan_line_id,
        preceded.effective_from_at,
        case
            when row_number() over (
                partition by plan_lines.plan_line_id order by preceded.known_from_at
            ) > 1 then preceded.known_from_at
            else timestamp '-infinity'
        end as known_from_at,
        preceded.known_to_at
    from preceded
    inner join plan_lines
        on preceded.plan_version_id = plan_lines.plan_version_id
    inner join plan_lines as former_lines
        on
            preceded.former_version_id = former_lines.plan_version_id
            and plan_lines.line_code = former_lines.line_code
    where preceded.known_from_at < preceded.known_to_at
)

select * from final
