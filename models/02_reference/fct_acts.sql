with actions as (
    select * from {{ ref('fct_actions') }}
),

catalogued as (
    select * from {{ ref('int_reference__acts_catalogued') }}
),

acts as (
    select
        'actions' as act_source,
        action_id as act_key,
        action,
        actor_id,
        subject_type,
        subject_id,
        cast(null as varchar) as whole_type,
        cast(null as varchar) as whole_id,
        policy_decision_id,
        currency_code,
        act_amount,
        act_ratio,
        acted_at,
        landed_file,
        line_number,
        landed_at as known_from_at
    from actions
    where action <> 'approve'
    union all
    select * from catalogued
),

final as (
    select
        concat(act_source, ':', act_key) as act_id,
        act_source,
        act_key,
        action,
        actor_id,
        subject_type,
        subject_id,
        whole_type,
        whole_id,
        policy_decision_id,
        currency_code,
        act_amount,
        act_ratio,
        acted_at,
        landed_file,
        line_number,
        known_from_at
    from acts
)

select * from final
