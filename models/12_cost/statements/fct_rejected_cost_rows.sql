with rows_checked as (
    select * from {{ ref('int_cost__rows_checked') }}
),

files as (
    select * from {{ ref('stg_landing__files') }}
),

final as (
    select
        rows_checked.landed_file,
        rows_checked.line_number,
        rows_checked.provider_name as provider,
        split_part(rows_checked.reasons, ',', 1) as reason,
        rows_checked.reasons,
        rows_checked.billed_cost_text,
        rows_checked.effective_cost_text,
        files.landed_at
    from rows_checked
    inner join files
        on rows_checked.landed_file = files.landed_file
    where not rows_checked.is_accepted
)

select * from final
