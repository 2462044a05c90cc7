{% macro microseconds_between(from_at, to_at) -%}
    cast(date_diff('microsecond', {{ from_at }}, {{ to_at }}) as hugeint)
{%- endmacro %}

{% macro later_of(first, second) -%}
    case when {{ first }} >= {{ second }} then {{ first }} else {{ second }} end
{%- endmacro %}

{% macro earlier_of(first, second) -%}
    case when {{ first }} <= {{ second }} then {{ first }} else {{ second }} end
{%- endmacro %}

{#- Empty for a week, which is no number of months. -#}
{% macro months_in_interval(interval_name) -%}
    case {{ interval_name }} when 'month' then 1 when 'quarter' then 3 when 'half_year' then 6 when 'year' then 12 end
{%- endmacro %}

{#- Counted from the day itself, so that a month from the 31st ends on the last day of a shorter one and the next on the 31st. -#}
{% macro months_after(day, month_count) -%}
    cast({{ day }} + cast({{ month_count }} as integer) * interval 1 month as date)
{%- endmacro %}

{% macro utc_of_civil(civil_at, time_zone) -%}
    {{ return(adapter.dispatch('utc_of_civil', 'meterhouse')(civil_at, time_zone)) }}
{%- endmacro %}

{% macro duckdb__utc_of_civil(civil_at, time_zone) -%}
    timezone('UTC', timezone({{ time_zone }}, cast({{ civil_at }} as timestamp)))
{%- endmacro %}

{% macro civil_date(at, time_zone) -%}
    {{ return(adapter.dispatch('civil_date', 'meterhouse')(at, time_zone)) }}
{%- endmacro %}

{% macro duckdb__civil_date(at, time_zone) -%}
    cast(timezone({{ time_zone }}, timezone('UTC', {{ at }})) as date)
{%- endmacro %}
