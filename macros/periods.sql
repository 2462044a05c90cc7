{% macro microseconds_between(from_at, to_at) -%}
    cast(date_diff('microsecond', {{ from_at }}, {{ to_at }}) as hugeint)
{%- endmacro %}

{% macro later_of(first, second) -%}
    case when {{ first }} >= {{ second }} then {{ first }} else {{ second }} end
{%- endmacro %}

{% macro earlier_of(first, second) -%}
    case when {{ first }} <= {{ second }} then {{ first }} else {{ second }} end
{%- endmacro %}

{#- The start of the first month that begins at or after an instant. -#}
{% macro first_month_from(instant) -%}
    date_trunc('month', {{ instant }} + interval 1 month - interval 1 microsecond)
{%- endmacro %}
