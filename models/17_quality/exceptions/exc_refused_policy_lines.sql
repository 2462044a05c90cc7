with policy_lines as (
    select * from {{ ref('fct_policy_lines') }}
),

final as (
    select
        landed_file,
        line_number,
        source_folder,
        entry_id,
        actor_id,
        reason,
        reasons,
        raw_line,
        landed_at
    from policy_lines
    where outcome = 'rejected'
)

select * from final
