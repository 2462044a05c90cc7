with policy_lines as (
    select * from {{ ref('int_reference__policy_lines_ranked') }}
),

final as (
    select
        landed_file,
        line_number,
        source_folder,
        entry_id,
        actor_id,
        outcome,
        nullif(split_part(reasons, ',', 1), '') as reason,
        reasons,
        case when outcome = 'rejected' then raw_line end as raw_line,
        landed_at
    from policy_lines
)

select * from final
