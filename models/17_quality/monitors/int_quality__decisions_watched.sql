with undecided_actions as (
    select * from {{ ref('exc_actions_without_decision') }}
),

refused_lines as (
    select * from {{ ref('exc_refused_policy_lines') }}
),

lock_mismatches as (
    select * from {{ ref('exc_lock_mismatches') }}
),

cost_lock_mismatches as (
    select * from {{ ref('exc_cost_lock_mismatches') }}
),

revenue_lock_mismatches as (
    select * from {{ ref('exc_revenue_lock_mismatches') }}
),

landed_files as (
    select * from {{ ref('fct_landed_files') }}
),

mismatches as (
    select
        landed_file,
        concat_ws(' ', reason, 'in', charge_key, landed_amount, 'is now', present_amount)
            as evidence
    from lock_mismatches
    union all
    select
        landed_file,
        concat_ws(' ', reason, 'in', cost_pool_id, locked_amount, 'is now', present_amount)
            as evidence
    from cost_lock_mismatches
    union all
    select
        landed_file,
        concat_ws(' ', reason, 'in line', line_number) as evidence
    from revenue_lock_mismatches
),

final as (
    select
        {{ signal(
            'decision_missing', 'act', "concat_ws(':', action, act_key)", 'cast(acted_at as date)', '1',
            "concat_ws(' ', reason, 'of', actor_id)"
        ) }}
    from undecided_actions
    union all
    select
        {{ signal(
            'refused_policy_line', 'landed_file', 'landed_file', 'cast(landed_at as date)', '1',
            "concat('line ', line_number, ': ', reasons)"
        ) }}
    from refused_lines
    union all
    select
        {{ signal(
            'lock_mismatch', 'landed_file', 'mismatches.landed_file', 'cast(landed_files.landed_at as date)',
            '1', 'mismatches.evidence'
        ) }}
    from mismatches
    left join landed_files
        on mismatches.landed_file = landed_files.landed_file
)

select * from final
