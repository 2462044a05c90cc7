with copies_ranked as (
    select * from {{ ref('int_usage__copies_ranked') }}
),

landed_events as (
    select * from {{ ref('fct_landed_events') }}
),

final as (
    select
        copies_ranked.landed_file,
        copies_ranked.line_number,
        copies_ranked.event_id,
        landed_events.tenant_id,
        copies_ranked.first_landed_file,
        landed_events.event_at,
        landed_events.landed_at
    from copies_ranked
    inner join landed_events
        on
            copies_ranked.landed_file = landed_events.landed_file
            and copies_ranked.line_number = landed_events.line_number
    where copies_ranked.is_same_content
)

select * from final
