with source as (
    select * from {{ ref('plan_versions') }}
),

final as (
    select
        plan_version_id,
        plan_id,
        cast(version as integer) as version,
        cast(effective_from_date as timestamp) as effective_from_at,
        cast(effective_to_date as timestamp) as effective_to_at,
        rollout,
        supersedes_plan_version_id,
        {{ parse_instant('recorded_at') }} as recorded_at,
        policy_decision_id
    from source
)

select * from final
