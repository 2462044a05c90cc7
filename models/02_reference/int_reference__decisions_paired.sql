with acts as (
    select * from {{ ref('fct_acts') }}
),

decisions as (
    select * from {{ ref('dim_policy_decisions') }}
),

-- What a decision may be about to cover an act. What the act is a part of may be a part itself: a
-- discount of a version, and with it of the plan.
subjects as (
    select act_id, subject_type, subject_id from acts
    union all
    select act_id, subject_type, '*' as subject_id from acts
    union all
    select act_id, whole_type as subject_type, whole_id as subject_id from acts
    union all
    select
        parts.act_id,
        wholes.whole_type as subject_type,
        wholes.whole_id as subject_id
    from acts as parts
    inner join acts as wholes
        on
            wholes.act_source <> 'actions'
            and parts.whole_type = wholes.subject_type
            and parts.whole_id = wholes.subject_id
    union all
    select act_id, 'catalogue' as subject_type, 'catalogue' as subject_id from acts
    where act_source <> 'actions'
    union all
    select act_id, 'action' as subject_type, act_key as subject_id from acts
    where act_source = 'actions'
    union all
    select act_id, 'policy_decision' as subject_type, policy_decision_id as subject_id from acts
),

speaking as (
    select
        subjects.act_id,
        decisions.policy_decision_id,
        false as is_named,
        true as is_covering
    from subjects
    inner join decisions
        on
            subjects.subject_type = decisions.subject_type
            and subjects.subject_id = decisions.subject_id
    union all
    select
        act_id,
        policy_decision_id,
        true as is_named,
        false as is_covering
    from acts
),

final as (
    select
        act_id,
        policy_decision_id,
        max(is_named) as is_named,
        max(is_covering) as is_covering
    from speaking
    group by
        act_id,
        policy_decision_id
)

select * from final
