{#- Trimming copies every value; only those with a blank at an end need it. -#}
{% macro text_or_null(value) -%}
    case
        when {{ value }} <> '' and not starts_with({{ value }}, ' ') and not ends_with({{ value }}, ' ')
            then {{ value }}
        else nullif(trim({{ value }}), '')
    end
{%- endmacro %}

{% macro is_listed(value, listed) -%}
    (position(concat('|', {{ value }}, '|') in concat('|', {{ listed }}, '|')) > 0)
{%- endmacro %}

{#- Nearly all instants end in Z and nearly all numbers are short; for these the engine has casts that are
    three and fifty times faster, with the same result. -#}
{% macro parse_instant(text) -%}
    case
        when regexp_full_match(
            {{ text }}, '[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,6})?Z'
        )
            then try_cast({{ text }} as timestamp)
        when regexp_full_match(
            {{ text }},
            '[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?([Zz]|[+-][0-9]{2}(:?[0-9]{2})?)'
        )
            then {{ adapter.dispatch('instant_from_text', 'meterhouse')(text) }}
    end
{%- endmacro %}

{% macro duckdb__instant_from_text(text) -%}
    timezone(
        'UTC',
        try_cast(
            case
                when substring({{ text }}, 17, 1) = ':' then {{ text }}
                else concat(substring({{ text }}, 1, 16), ':00', substring({{ text }}, 17))
            end as timestamptz
        )
    )
{%- endmacro %}

{% macro parse_exact_decimal(text, precision, scale) -%}
    case
        when regexp_full_match({{ text }}, '[+-]?[0-9]{1,{{ 18 - scale }}}{% if scale %}([.][0-9]{1,{{ scale }}})?{% endif %}')
            then cast(try_cast({{ text }} as decimal(18, {{ scale }})) as decimal({{ precision }}, {{ scale }}))
        when
            regexp_full_match({{ text }}, '[+-]?[0-9]+([.][0-9]+)?([eE][+-]?[0-9]{1,3})?')
            and length(rtrim(regexp_extract({{ text }}, '[.]([0-9]+)', 1), '0'))
            - coalesce(try_cast(regexp_extract({{ text }}, '[eE](.+)$', 1) as integer), 0) <= {{ scale }}
            then try_cast({{ text }} as decimal({{ precision }}, {{ scale }}))
    end
{%- endmacro %}

{% macro parse_json(text, shape) -%}
    {{ return(adapter.dispatch('parse_json', 'meterhouse')(text, shape)) }}
{%- endmacro %}

{% macro duckdb__parse_json(text, shape) -%}
    try(from_json({{ text }}, '{{ shape }}'))
{%- endmacro %}

{#- Decimals of up to 18 digits become text much faster than longer ones, and nearly all are short. -#}
{% macro quantity_text(quantity) -%}
    case
        when {{ quantity }} between -999999999 and 999999999
            then cast(cast({{ quantity }} as decimal(18, 9)) as varchar)
        else cast({{ quantity }} as varchar)
    end
{%- endmacro %}

{% macro json_text(pairs) -%}
    {{ return(adapter.dispatch('json_text', 'meterhouse')(pairs)) }}
{%- endmacro %}

{#- Values go in as text: DuckDB would write a decimal as a double. -#}
{% macro duckdb__json_text(pairs) -%}
    cast(json_object({% for name, value in pairs.items() %}'{{ name }}', cast({{ value }} as varchar){% if not loop.last %}, {% endif %}{% endfor %}) as varchar)
{%- endmacro %}

{% macro number_as_written(json_text, name, as_read) -%}
    {{ return(adapter.dispatch('number_as_written', 'meterhouse')(json_text, name, as_read)) }}
{%- endmacro %}

{#- The JSON reader turns a long number into a double. The digits are cut from the text instead: of all
    numbers under that name, the one that the reader saw. Two that a double cannot tell apart are refused. -#}
{% macro duckdb__number_as_written(json_text, name, as_read) -%}
    case
        when {{ as_read }} is not null
            then coalesce(
                {%- set written -%}
                    list_distinct(list_filter(
                        regexp_extract_all({{ json_text }}, '"{{ name }}"\s*:\s*"?([-+.0-9eE]+)"?\s*[,}]', 1),
                        lambda number: try_cast(number as double) = try_cast({{ as_read }} as double)
                    ))
                {%- endset %}
                case when len({{ written }}) > 1 then 'ambiguous' else {{ written }}[1] end,
                {{ as_read }}
            )
    end
{%- endmacro %}

{% macro canonical_json(json_text) -%}
    {{ return(adapter.dispatch('canonical_json', 'meterhouse')(json_text)) }}
{%- endmacro %}

{% macro duckdb__canonical_json(json_text) -%}
    cast(list_sort(map_entries(try(from_json({{ json_text }}, '"MAP(VARCHAR, JSON)"')))) as varchar)
{%- endmacro %}

{% macro json_pairs(json_text) -%}
    {{ return(adapter.dispatch('json_pairs', 'meterhouse')(json_text)) }}
{%- endmacro %}

{% macro duckdb__json_pairs(json_text) -%}
    try(from_json({{ json_text }}, '"MAP(VARCHAR, VARCHAR)"'))
{%- endmacro %}

{% macro json_picked(json_text, keys) -%}
    {{ return(adapter.dispatch('json_picked', 'meterhouse')(json_text, keys)) }}
{%- endmacro %}

{% macro duckdb__json_picked(json_text, keys) -%}
    nullif(
        cast(to_json(map_from_entries(list_sort(list_filter(
            map_entries({{ json_pairs(json_text) }}), lambda pair: list_contains({{ keys }}, pair.key)
        )))) as varchar),
        '{}'
    )
{%- endmacro %}

{% macro json_value(json_text, key) -%}
    {{ json_pairs(json_text) }}[{{ key }}]
{%- endmacro %}

{#- A row of a Parquet file has no text of its own; this is the line that it would have been. -#}
{% macro landed_row_as_json(relation=none) -%}
    {%- set prefix = relation ~ '.' if relation else '' -%}
    {{ json_text({
        'id': prefix ~ 'event_id', 'tenant_id': prefix ~ 'tenant_id', 'timestamp': prefix ~ 'timestamp_text',
        'category': prefix ~ 'category', 'type': prefix ~ 'event_type', 'quantity': prefix ~ 'quantity_text',
        'metadata': prefix ~ 'metadata',
    }) }}
{%- endmacro %}
