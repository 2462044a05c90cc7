with catalogue_decisions as (
    select * from {{ ref('stg_catalogue__policy_decisions') }}
),

policy_lines as (
    select * from {{ ref('int_reference__policy_lines_ranked') }}
),

final as (
    select
        policy_decision_id,
        actor_id,
        rule_id,
        effect,
        subject_type,
        subject_id,
        scope,
        decided_at,
        valid_from_at,
        valid_to_at,
        cast(null as varchar) as landed_file,
        decided_at as known_from_at
    from catalogue_decisions
    union all
    select
        entry_id as policy_decision_id,
        actor_id,
        rule_id,
        effect,
        subject_type,
        subject_id,
        scope,
        entered_at as decided_at,
        valid_from_at,
        valid_to_at,
        landed_file,
        landed_at as known_from_at
    from policy_lines
    where
        source_folder = 'policy_decisions'
        and outcome = 'accepted'
)

select * from final
