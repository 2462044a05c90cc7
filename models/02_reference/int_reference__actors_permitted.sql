with rules as (
    select * from {{ ref('stg_catalogue__policy_rules') }}
),

actors as (
    select * from {{ ref('stg_catalogue__policy_actors') }}
),

listed as (
    select
        rules.rule_id,
        rules.action,
        actors.actor_id,
        rules.second_approver_above_usd,
        rules.second_approver_above_ratio,
        {{ later_of('rules.effective_from_at', 'actors.effective_from_at') }}
            as effective_from_at,
        {{ earlier_of('rules.effective_to_at', 'actors.effective_to_at') }} as effective_to_at
    from rules
    inner join actors
        on
            rules.effective_from_at < actors.effective_to_at
            and rules.effective_to_at > actors.effective_from_at
            and (
                {{ is_listed('actors.role', 'rules.permitted_roles') }}
                or {{ is_listed('actors.actor_id', 'rules.permitted_actors') }}
            )
),

-- Two roles may permit the same.
final as (
    select
        rule_id,
        action,
        actor_id,
        effective_from_at,
        max(second_approver_above_usd) as second_approver_above_usd,
        max(second_approver_above_ratio) as second_approver_above_ratio,
        max(effective_to_at) as effective_to_at
    from listed
    group by
        rule_id,
        action,
        actor_id,
        effective_from_at
)

select * from final
