{%- set shape -%}
{
    "id": "VARCHAR", "tenant_id": "VARCHAR", "timestamp": "VARCHAR", "type": "VARCHAR",
    "category": "VARCHAR", "quantity": "VARCHAR", "metadata": "JSON",
    "specversion": "VARCHAR", "subject": "VARCHAR", "time": "VARCHAR",
    "data": {"category": "VARCHAR", "quantity": "VARCHAR", "metadata": "JSON"}
}
{%- endset -%}
with lines_read as (
    select * from {{ ref('int_usage__lines_read') }}
),

parsed as (
    select
        landed_file,
        line_number,
        raw_line,
        {{ parse_json('raw_line', shape) }} as line,
        starts_with(ltrim(raw_line), '{') as is_object
    from lines_read
),

-- A CloudEvents envelope names the tenant in its subject and carries the rest in its data.
opened as (
    select
        landed_file,
        line_number,
        raw_line,
        line is not null and is_object as is_json,
        line.id as event_id,
        line.type as event_type,
        case when line.specversion is null then line.tenant_id else line.subject end as tenant_id,
        case when line.specversion is null then line."timestamp" else line."time" end
            as timestamp_text,
        case when line.specversion is null then line.category else line.data.category end
            as category,
        case when line.specversion is null then line.quantity else line.data.quantity end
            as quantity_as_read,
        case when line.specversion is null then line.metadata else line.data.metadata end
            as metadata
    from parsed
),

final as (
    select
        landed_file,
        line_number,
        is_json,
        event_id,
        tenant_id,
        timestamp_text,
        category,
        event_type,
        {{ number_as_written('raw_line', 'quantity', 'quantity_as_read') }} as quantity_text,
        cast(metadata as varchar) as metadata,
        raw_line
    from opened
)

select * from final
