{%- set folder = env_var('METERHOUSE_LANDING', 'data/landing').rstrip('/') -%}
{#- The reader wants literal paths, so the files and their columns are looked up before the query
    is written. A file may lack a column or type it its own way: everything leaves here as text. -#}
{%- set pending -%}
    select landed_file from {{ ref('int_usage__files_pending') }}
    where file_format = 'parquet' order by landed_file
{%- endset -%}
{%- set paths, landed = [], {} -%}
{%- if execute -%}
    {%- for name in run_query(pending).columns[0].values() -%}
        {%- do paths.append("'" ~ (folder ~ '/' ~ name).replace("'", "''") ~ "'") -%}
    {%- endfor -%}
{%- endif -%}
{%- set reader -%}
    read_parquet([{{ paths | join(', ') }}], union_by_name = true, filename = true, file_row_number = true)
{%- endset -%}
{%- if paths -%}
    {%- for row in run_query('describe select * from ' ~ reader).rows -%}
        {%- do landed.update({row[0]: row[1]}) -%}
    {%- endfor -%}
{%- endif -%}
with landed_rows as (
    {% if paths -%}
        select
            substring(filename, {{ folder | length }} + 2) as landed_file,
            file_row_number + 1 as line_number,
            {% for name in ['id', 'tenant_id', 'category', 'type', 'quantity', 'metadata'] -%}
                cast({{ name if name in landed else 'null' }} as varchar) as {{ name }},
            {% endfor -%}
            {% if landed.get('timestamp', '').startswith('TIMESTAMP') -%}
                strftime(
                    cast("timestamp" as timestamp), '%Y-%m-%dT%H:%M:%S.%fZ'
                ) as timestamp_text
            {%- else -%}
                cast({{ '"timestamp"' if 'timestamp' in landed else 'null' }} as varchar)
                    as timestamp_text
            {%- endif %}
        from {{ reader }}
    {%- else -%}
        select
            cast(null as varchar) as landed_file,
            cast(null as bigint) as line_number,
            {% for name in ['id', 'tenant_id', 'category', 'type', 'quantity', 'metadata'] -%}
                cast(null as varchar) as {{ name }},
            {% endfor -%}
            cast(null as varchar) as timestamp_text
        where false
    {%- endif %}
),

final as (
    select
        landed_file,
        line_number,
        id as event_id,
        tenant_id,
        timestamp_text,
        category,
        type as event_type,
        quantity as quantity_text,
        metadata
    from landed_rows
)

select * from final
