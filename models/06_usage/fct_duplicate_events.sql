with copies_ranked as (
    select * from {{ ref('int_usage__copies_ranked') }}
),

final as (
    select
        landed_file,
        line_number,
        event_id,
        tenant_id,
        first_landed_file,
        event_at,
        landed_at
    from copies_ranked
    where is_same_content
)

select * from final
