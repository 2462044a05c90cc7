with policy_lines as (
    select * from {{ ref('int_reference__policy_lines_ranked') }}
),

final as (
    select
        entry_id as action_id,
        action,
        actor_id,
        subject_type,
        subject_id,
        policy_decision_id,
        currency_code,
        act_amount,
        act_ratio,
        payload,
        entered_at as acted_at,
        landed_file,
        line_number,
        landed_at
    from policy_lines
    where
        source_folder = 'actions'
        and outcome = 'accepted'
)

select * from final
