with rows_typed as (
    select * from {{ ref('int_cost__rows_typed') }}
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
    from rows_typed
    where reasons <> ''
)

select * from final
