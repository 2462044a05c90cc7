with rows_checked as (
    select * from {{ ref('int_cost__rows_checked') }}
),

final as (
    select
        landed_file,
        line_number,
        provider_name as provider,
        split_part(reasons, ',', 1) as reason,
        reasons,
        billed_cost_text,
        effective_cost_text,
        landed_at
    from rows_checked
    where not is_accepted
)

select * from final
