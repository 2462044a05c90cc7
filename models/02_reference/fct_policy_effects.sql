with acts as (
    select * from {{ ref('fct_acts') }}
),

judged as (
    select * from {{ ref('int_reference__acts_judged') }}
),

approved as (
    select * from {{ ref('int_reference__acts_approved') }}
),

named as (
    select * from judged
    where is_named
),

-- A standing denial wins over the decision that an act names; one for one act is for its own.
denied as (
    select distinct act_id
    from judged
    where
        effect = 'deny'
        and scope = 'standing'
        and is_covering
        and is_permitted
        and is_valid
),

reasoned as (
    select
        acts.*,
        named.rule_id,
        named.actor_id as decision_actor_id,
        named.scope,
        named.act_usd,
        named.decided_at,
        named.known_from_at as decision_known_from_at,
        coalesce(named.is_second_approver_needed, false) as is_second_approver_needed,
        case when named.is_second_approver_needed then approved.approver_actor_id end
            as approver_actor_id,
        case when named.is_second_approver_needed then approved.known_from_at end
            as approval_known_from_at,
        case
            when named.act_id is null then 'no_decision'
            when named.effect = 'deny' or denied.act_id is not null then 'denied'
            when not named.is_covering then 'wrong_subject'
            when not named.is_permitted then 'actor_not_permitted'
            when not named.is_valid then 'expired'
            when named.is_second_approver_needed and approved.act_id is null
                then 'second_approver_missing'
        end as reason
    from acts
    left join named
        on acts.act_id = named.act_id
    left join denied
        on acts.act_id = denied.act_id
    left join approved
        on acts.act_id = approved.act_id
),

-- A decision for one act is used up by the first.
ranked as (
    select
        *,
        row_number() over (
            partition by policy_decision_id, reason is null order by acted_at, act_id
        ) as act_number
    from reasoned
),

settled as (
    select
        *,
        case
            when reason is null and scope = 'one_act' and act_number > 1 then 'used_up'
            else reason
        end as final_reason,
        {{ later_of('known_from_at', 'coalesce(decision_known_from_at, known_from_at)') }}
            as decision_read_at
    from ranked
),

final as (
    select
        act_id,
        act_source,
        act_key,
        action,
        actor_id,
        subject_type,
        subject_id,
        policy_decision_id,
        rule_id,
        decision_actor_id,
        approver_actor_id,
        final_reason is null as is_in_force,
        is_second_approver_needed,
        final_reason as reason,
        currency_code,
        act_amount,
        act_usd,
        act_ratio,
        acted_at,
        decided_at,
        landed_file,
        line_number,
        {{ later_of('decision_read_at', 'coalesce(approval_known_from_at, decision_read_at)') }}
            as known_from_at
    from settled
)

select * from final
