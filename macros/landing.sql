{% macro landing_folder() -%}
    {{ env_var('METERHOUSE_LANDING', 'data/landing') }}
{%- endmacro %}

{#- Lists at compile time, because a reader's file list and columns must be literals. -#}
{% macro landed_paths(pattern) -%}
    {%- if not execute -%}{{ return([]) }}{%- endif -%}
    {%- set listed = run_query(
        "select file from glob('" ~ meterhouse.landing_folder() ~ "/" ~ pattern ~ "') order by file"
    ) -%}
    {{ return(listed.columns[0].values() | list) }}
{%- endmacro %}

{% macro landed_columns(reader) -%}
    {%- if not execute -%}{{ return({}) }}{%- endif -%}
    {%- set columns = {} -%}
    {%- for row in run_query('describe select * from ' ~ reader).rows -%}
        {%- do columns.update({row[0]: row[1]}) -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}

{% macro landed_file_name(path) -%}
    substring({{ path }}, length('{{ meterhouse.landing_folder() }}') + 2)
{%- endmacro %}
