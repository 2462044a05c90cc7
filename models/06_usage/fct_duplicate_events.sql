with copies_ranked as (
    select * from {{ ref('int_usage__copies_ranked') }}
),

events_checked as (
    select * from {{ ref('int_usage__events_checked') }}
),

final as (
    select
        copies_ranked.landed_file,
        copies_ranked.line_number,
        copies_ranked.event_id,
        events_checked.tenant_id,
        copies_ranked.first_landed_file,
        events_checked.event_at,
        events_checked.landed_at
    from copies_ranked
    inner join events_checked
        on
            copies_ranked.landed_file = events_checked.landed_file
            and copies_ranked.line_number = events_checked.line_number
    where copies_ranked.is_same_content
)

select * from final
