with events_checked as (
    select * from {{ ref('int_usage__events_checked') }}
),

copies_ranked as (
    select * from {{ ref('int_usage__copies_ranked') }}
),

lines_read as (
    select * from {{ ref('int_usage__lines_read') }}
),

refused as (
    select
        landed_file,
        line_number,
        event_id,
        tenant_id,
        reasons,
        raw_line,
        event_at,
        landed_at
    from events_checked
    where reasons <> ''
),

conflicting as (
    select
        events_checked.landed_file,
        events_checked.line_number,
        events_checked.event_id,
        events_checked.tenant_id,
        'conflicting_duplicate' as reasons,
        coalesce(lines_read.raw_line, {{ json_text({
            'id': 'events_checked.event_id', 'tenant_id': 'events_checked.tenant_id',
            'timestamp': 'events_checked.event_at', 'category': 'events_checked.category',
            'type': 'events_checked.event_type', 'quantity': 'events_checked.quantity',
            'metadata': 'events_checked.metadata',
        }) }}) as raw_line,
        events_checked.event_at,
        events_checked.landed_at
    from copies_ranked
    inner join events_checked
        on
            copies_ranked.landed_file = events_checked.landed_file
            and copies_ranked.line_number = events_checked.line_number
    left join lines_read
        on
            copies_ranked.landed_file = lines_read.landed_file
            and copies_ranked.line_number = lines_read.line_number
    where not copies_ranked.is_same_content
),

rejected as (
    select * from refused
    union all
    select * from conflicting
),

final as (
    select
        landed_file,
        line_number,
        event_id,
        coalesce(tenant_id, '(unknown)') as tenant_id,
        split_part(reasons, ',', 1) as reason,
        reasons,
        raw_line,
        event_at,
        landed_at
    from rejected
)

select * from final
