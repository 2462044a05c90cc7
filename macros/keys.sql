{% macro content_id(columns) -%}
    md5(concat_ws('|'{% for column in columns %}, coalesce(cast({{ column }} as varchar), ''){% endfor %}))
{%- endmacro %}

{% macro event_digest(event_id, quantity) -%}
    {{ return(adapter.dispatch('event_digest', 'meterhouse')(event_id, quantity)) }}
{%- endmacro %}

{% macro duckdb__event_digest(event_id, quantity) -%}
    sum(md5_number_lower(concat_ws('|', {{ event_id }}, cast({{ quantity }} as varchar))))
{%- endmacro %}

{% macro id_bucket(id) -%}
    {{ return(adapter.dispatch('id_bucket', 'meterhouse')(id)) }}
{%- endmacro %}

{% macro duckdb__id_bucket(id) -%}
    hash({{ id }})
{%- endmacro %}
