{% macro content_id(columns) -%}
    md5(concat_ws('|'{% for column in columns %}, coalesce(cast({{ column }} as varchar), ''){% endfor %}))
{%- endmacro %}

{% macro event_digest(event_id, quantity) -%}
    {{ return(adapter.dispatch('event_digest', 'meterhouse')(event_id, quantity)) }}
{%- endmacro %}

{% macro duckdb__event_digest(event_id, quantity) -%}
    cast(md5_number_lower(concat({{ event_id }}, '|', {{ quantity_text(quantity) }})) >> 1 as bigint)
{%- endmacro %}

{#- A whole number that stands for the values: equal values have equal buckets, and of unequal ones next to none. -#}
{% macro id_bucket(values) -%}
    {{ return(adapter.dispatch('id_bucket', 'meterhouse')(values)) }}
{%- endmacro %}

{% macro duckdb__id_bucket(values) -%}
    cast(hash({{ values | join(', ') }}) >> 1 as bigint)
{%- endmacro %}

{#- What tells apart the rows of a contract that begin at some time. -#}
{% macro contract_range_key(what, from_at='effective_from_at') -%}
    concat(contract_id, ':', {{ what }}, ':', cast(cast({{ from_at }} as date) as varchar))
{%- endmacro %}
