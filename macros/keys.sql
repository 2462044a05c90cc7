{% macro content_id(columns) -%}
    md5(concat_ws('|'{% for column in columns %}, coalesce(cast({{ column }} as varchar), ''){% endfor %}))
{%- endmacro %}

{% macro event_digest(event_id, quantity) -%}
    {{ return(adapter.dispatch('event_digest', 'meterhouse')(event_id, quantity)) }}
{%- endmacro %}

{#- Decimals of up to 18 digits become text much faster than longer ones, and nearly all are short. -#}
{% macro duckdb__event_digest(event_id, quantity) -%}
    cast(md5_number_lower(concat({{ event_id }}, '|', case
        when {{ quantity }} between -999999999 and 999999999
            then cast(cast({{ quantity }} as decimal(18, 9)) as varchar)
        else cast({{ quantity }} as varchar)
    end)) >> 1 as bigint)
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
