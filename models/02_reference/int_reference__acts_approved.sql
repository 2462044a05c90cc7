with judged as (
    select * from {{ ref('int_reference__acts_judged') }}
),

actions as (
    select * from {{ ref('fct_actions') }}
),

acts as (
    select * from {{ ref('fct_acts') }}
),

actors_permitted as (
    select * from {{ ref('int_reference__actors_permitted') }}
),

waiting as (
    select
        judged.*,
        acts.act_source,
        acts.act_key,
        acts.subject_type,
        acts.subject_id,
        acts.acted_at
    from judged
    inner join acts
        on judged.act_id = acts.act_id
    where judged.is_named and judged.is_second_approver_needed
),

-- An approval is about the act or its decision; one about the same subject is enough where the
-- decision is for one act.
approvals as (
    select
        waiting.act_id,
        actions.actor_id as approver_actor_id,
        actions.acted_at as approved_at,
        actions.landed_at as known_from_at
    from waiting
    inner join actions
        on
            actions.action = 'approve'
            and waiting.actor_id <> actions.actor_id
            and (
                (
                    waiting.act_source = 'actions'
                    and actions.subject_type in ('action', waiting.action)
                    and waiting.act_key = actions.subject_id
                )
                or (
                    actions.subject_type = 'policy_decision'
                    and waiting.policy_decision_id = actions.subject_id
                )
                or (
                    waiting.scope = 'one_act'
                    and waiting.policy_decision_id = actions.policy_decision_id
                    and waiting.subject_type = actions.subject_type
                    and waiting.subject_id = actions.subject_id
                )
            )
    inner join actors_permitted
        on
            waiting.rule_id = actors_permitted.rule_id
            and waiting.action = actors_permitted.action
            and actions.actor_id = actors_permitted.actor_id
            and actions.acted_at >= actors_permitted.effective_from_at
            and actions.acted_at < actors_permitted.effective_to_at
),

-- So is another decision that no act names; if it is for one act, for the first.
second_decisions as (
    select
        waiting.act_id,
        judged.actor_id as approver_actor_id,
        judged.decided_at as approved_at,
        judged.known_from_at,
        judged.scope,
        row_number() over (
            partition by judged.policy_decision_id order by waiting.acted_at, waiting.act_id
        ) as act_number
    from waiting
    inner join judged
        on
            waiting.act_id = judged.act_id
            and waiting.rule_id = judged.rule_id
            and waiting.actor_id <> judged.actor_id
    left join acts
        on judged.policy_decision_id = acts.policy_decision_id
    where
        judged.effect = 'allow'
        and (judged.is_covering and judged.is_permitted and judged.is_valid)
        and acts.act_id is null
),

ranked as (
    select
        *,
        row_number() over (
            partition by act_id order by known_from_at, approved_at, approver_actor_id
        ) as approval_number
    from (
        select act_id, approver_actor_id, approved_at, known_from_at from approvals
        union all
        select act_id, approver_actor_id, approved_at, known_from_at from second_decisions
        where scope = 'standing' or act_number = 1
    ) as approved
),

final as (
    select
        act_id,
        approver_actor_id,
        approved_at,
        known_from_at
    from ranked
    where approval_number = 1
)

select * from final
