{%- set paths = landed_paths('usage_events/**/*.parquet') -%}
{%- set reader -%}
    read_parquet({{ paths }}, union_by_name = true, filename = true, file_row_number = true)
{%- endset -%}
{%- set landed = landed_columns(reader) if paths else {} -%}
{#- A Parquet file may lack a column or type it its own way: everything leaves here as text. -#}
with landed_rows as (
    {% if paths -%}
        select
            {{ landed_file_name('filename') }} as landed_file,
            file_row_number + 1 as line_number,
            {% for name in ['id', 'tenant_id', 'category', 'type', 'quantity', 'metadata'] -%}
                cast({{ name if name in landed else 'null' }} as varchar) as {{ name }},
            {% endfor -%}
            {% if landed.get('timestamp', '').startswith('TIMESTAMP') -%}
                strftime(
                    cast("timestamp" as timestamp), '%Y-%m-%dT%H:%M:%S.%fZ'
                ) as event_timestamp
            {%- else -%}
                cast({{ '"timestamp"' if 'timestamp' in landed else 'null' }} as varchar)
                    as event_timestamp
            {%- endif %}
        from {{ reader }}
    {%- else -%}
        select
            cast(null as varchar) as landed_file,
            cast(null as bigint) as line_number,
            {% for name in ['id', 'tenant_id', 'category', 'type', 'quantity', 'metadata'] -%}
                cast(null as varchar) as {{ name }},
            {% endfor -%}
            cast(null as varchar) as event_timestamp
        where false
    {%- endif %}
),

final as (
    select
        landed_file,
        line_number,
        id as event_id,
        tenant_id,
        event_timestamp as timestamp_text,
        category,
        type as event_type,
        quantity as quantity_text,
        metadata
    from landed_rows
)

select * from final
