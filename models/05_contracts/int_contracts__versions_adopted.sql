{%- set open_end = "timestamp '9999-12-31'" -%}
with contracts as (
    select * from {{ ref('dim_contracts') }}
),

plan_versions as (
    select *
    from {{ ref('dim_plan_versions') }}
    where plan_version_id not in (
        select corrected.supersedes_plan_version_id
        from {{ ref('dim_plan_versions') }} as corrected
        where corrected.supersedes_plan_version_id is not null
    )
),

plan_changes as (
    select * from {{ ref('dim_contract_plan_changes') }}
),

next_periods as (
    select * from {{ ref('int_contracts__next_periods') }}
),

taken as (
    select
        contract_id,
        plan_id,
        cast(null as varchar) as policy_decision_id,
        recorded_at,
        cast(start_date as timestamp) as taken_at
    from contracts
    union all
    select
        plan_changes.contract_id,
        plan_changes.plan_id,
        plan_changes.policy_decision_id,
        plan_changes.recorded_at,
        case plan_changes.change_policy
            when 'immediate_prorated' then plan_changes.effective_from_at
            else coalesce(next_periods.next_start_at, {{ open_end }})
        end as taken_at
    from plan_changes
    left join next_periods
        on
            plan_changes.contract_id = next_periods.contract_id
            and plan_changes.effective_from_at = next_periods.awaited_at
),

plans_held as (
    select
        contract_id,
        plan_id,
        policy_decision_id,
        recorded_at,
        taken_at,
        lead(taken_at, 1, {{ open_end }}) over (partition by contract_id order by taken_at)
            as left_at
    from taken
),

-- A new version reaches those who have the plan at once, at their next period, or not at all;
-- whoever takes the plan later gets it as it is then.
adopted as (
    select
        plans_held.contract_id,
        plans_held.policy_decision_id,
        {{ later_of('plans_held.recorded_at', 'plan_versions.recorded_at') }} as recorded_at,
        plans_held.taken_at,
        plans_held.left_at,
        plan_versions.plan_version_id,
        plan_versions.policy_decision_id as version_decision_id,
        case
            when plans_held.taken_at >= plan_versions.effective_from_at
                then plan_versions.effective_from_at
            when plan_versions.rollout = 'immediate_prorated' then plan_versions.effective_from_at
            when plan_versions.rollout = 'next_period' then next_periods.next_start_at
        end as adopted_at,
        plan_versions.effective_to_at,
        max(plan_versions.effective_to_at) over (
            partition by plans_held.contract_id, plans_held.taken_at
        ) as plan_ends_at
    from plans_held
    inner join plan_versions
        on
            plans_held.plan_id = plan_versions.plan_id
            and plans_held.left_at > plan_versions.effective_from_at
    left join next_periods
        on
            plans_held.contract_id = next_periods.contract_id
            and plan_versions.effective_from_at = next_periods.awaited_at
),

-- The version that a grandfathered contract has stays as long as the plan is sold; one whose next
-- period has not begun has not been reached yet.
followed as (
    select
        *,
        lead(adopted_at, 1, plan_ends_at) over (
            partition by contract_id, taken_at order by adopted_at
        ) as followed_at
    from adopted
    where adopted_at is not null
),

final as (
    select
        contract_id,
        plan_version_id,
        coalesce(policy_decision_id, version_decision_id) as policy_decision_id,
        {{ later_of('adopted_at', 'taken_at') }} as adopted_from_at,
        {{ earlier_of('followed_at', 'left_at') }} as adopted_to_at,
        recorded_at
    from followed
    where {{ later_of('adopted_at', 'taken_at') }} < {{ earlier_of('followed_at', 'left_at') }}
)

select * from final
