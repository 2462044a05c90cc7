with landed_events as (
    select * from {{ ref('fct_landed_events') }}
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
    from landed_events
    where reasons <> ''
),

conflicting as (
    select
        landed_events.landed_file,
        landed_events.line_number,
        landed_events.event_id,
        landed_events.tenant_id,
        'conflicting_duplicate' as reasons,
        coalesce(lines_read.raw_line, {{ json_text({
            'id': 'landed_events.event_id', 'tenant_id': 'landed_events.tenant_id',
            'timestamp': 'landed_events.event_at', 'category': 'landed_events.category',
            'type': 'landed_events.event_type', 'quantity': 'landed_events.quantity',
            'metadata': 'landed_events.metadata',
        }) }}) as raw_line,
        landed_events.event_at,
        landed_events.landed_at
    from copies_ranked
    inner join landed_events
        on
            copies_ranked.landed_file = landed_events.landed_file
            and copies_ranked.line_number = landed_events.line_number
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
