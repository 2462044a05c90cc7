with paired as (
    select * from {{ ref('int_reference__decisions_paired') }}
),

acts as (
    select * from {{ ref('fct_acts') }}
),

decisions as (
    select * from {{ ref('dim_policy_decisions') }}
),

actors_permitted as (
    select * from {{ ref('int_reference__actors_permitted') }}
),

exchange_rates as (
    select * from {{ ref('fct_exchange_rates') }}
),

-- A row of the catalogue becomes an act when it is both recorded and allowed; what somebody did
-- had to be allowed when it was done. A denial stops what comes after it.
timed as (
    select
        paired.act_id,
        paired.is_named,
        paired.is_covering,
        decisions.*,
        acts.action,
        acts.act_amount,
        acts.act_ratio,
        {{ to_usd('acts.act_amount', 'exchange_rates.usd_per_unit') }} as act_usd,
        case
            when acts.act_source = 'actions' or decisions.effect = 'deny' then acts.acted_at
            else {{ later_of('acts.acted_at', 'decisions.decided_at') }}
        end as judged_at
    from paired
    inner join acts
        on paired.act_id = acts.act_id
    inner join decisions
        on paired.policy_decision_id = decisions.policy_decision_id
    left join exchange_rates
        on
            acts.currency_code = exchange_rates.currency_code
            and cast(date_trunc('month', acts.acted_at) as date) = exchange_rates.rate_month
),

-- Whether the actor might decide that under the rule, as it stood then.
permitted as (
    select
        timed.act_id,
        timed.policy_decision_id,
        max(actors_permitted.second_approver_above_usd) as above_usd,
        max(actors_permitted.second_approver_above_ratio) as above_ratio
    from timed
    inner join actors_permitted
        on
            timed.rule_id = actors_permitted.rule_id
            and timed.action = actors_permitted.action
            and timed.actor_id = actors_permitted.actor_id
            and timed.decided_at >= actors_permitted.effective_from_at
            and timed.decided_at < actors_permitted.effective_to_at
    group by
        timed.act_id,
        timed.policy_decision_id
),

measured as (
    select
        timed.*,
        permitted.act_id is not null as is_permitted,
        permitted.above_usd,
        permitted.above_ratio,
        timed.act_amount is not null and permitted.above_usd is not null as has_amount_limit,
        timed.act_ratio is not null and permitted.above_ratio is not null as has_ratio_limit
    from timed
    left join permitted
        on
            timed.act_id = permitted.act_id
            and timed.policy_decision_id = permitted.policy_decision_id
),

-- An act that cannot be measured by its rule's limit needs a second approver too.
final as (
    select
        act_id,
        policy_decision_id,
        actor_id,
        rule_id,
        effect,
        scope,
        action,
        is_named,
        is_covering,
        is_permitted,
        judged_at >= valid_from_at and judged_at < valid_to_at as is_valid,
        case
            when not has_amount_limit and not has_ratio_limit
                then above_usd is not null or above_ratio is not null
            else
                (has_amount_limit and coalesce(abs(act_usd) > above_usd, true))
                or (has_ratio_limit and act_ratio > above_ratio)
        end as is_second_approver_needed,
        act_usd,
        decided_at,
        known_from_at
    from measured
)

select * from final
