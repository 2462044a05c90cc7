with policy_lines as (
    select * from {{ ref('int_reference__policy_lines_judged') }}
),

catalogue_decisions as (
    select * from {{ ref('stg_catalogue__policy_decisions') }}
),

-- The catalogue's decisions come first: a landed one with the id of one of them is a copy of it.
known as (
    select
        source_folder,
        entry_id,
        content_key,
        landed_file,
        line_number,
        landed_at
    from policy_lines
    where reasons = ''
    union all
    select
        'policy_decisions' as source_folder,
        policy_decision_id as entry_id,
        {{ content_id([
            'decided_at', 'actor_id', 'rule_id', 'effect', 'null', 'subject_type', 'subject_id',
            'scope', 'valid_from_at', 'valid_to_at', 'null', 'null',
        ]) }} as content_key,
        '(catalogue)' as landed_file,
        0 as line_number,
        cast('1970-01-01' as timestamp) as landed_at
    from catalogue_decisions
),

ranked as (
    select
        landed_file,
        line_number,
        row_number() over landing_order as copy_number,
        content_key = first_value(content_key) over landing_order as is_same_content
    from known
    window
        landing_order as (
            partition by source_folder, entry_id order by landed_at, landed_file, line_number
        )
),

final as (
    select
        policy_lines.landed_file,
        policy_lines.line_number,
        policy_lines.source_folder,
        policy_lines.entry_id,
        policy_lines.actor_id,
        policy_lines.rule_id,
        policy_lines.effect,
        policy_lines.action,
        policy_lines.subject_type,
        policy_lines.subject_id,
        policy_lines.scope,
        policy_lines.policy_decision_id,
        policy_lines.currency_code,
        policy_lines.act_amount,
        policy_lines.act_ratio,
        policy_lines.payload,
        policy_lines.entered_at,
        policy_lines.valid_from_at,
        policy_lines.valid_to_at,
        case
            when ranked.copy_number = 1 then 'accepted'
            when ranked.is_same_content then 'duplicate'
            else 'rejected'
        end as outcome,
        case
            when not ranked.is_same_content then 'conflicting_duplicate' else policy_lines.reasons
        end as reasons,
        policy_lines.raw_line,
        policy_lines.landed_at
    from policy_lines
    left join ranked
        on
            policy_lines.landed_file = ranked.landed_file
            and policy_lines.line_number = ranked.line_number
)

select * from final
