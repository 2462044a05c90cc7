{#- What a monitor saw of a subject on a day; `int_quality__signals_stacked` puts all of them under each other. -#}
{% macro signal(
    monitor, subject_type, subject_id, seen_date, occurrences, evidence, population='null', age_days='null', score='null'
) -%}
    '{{ monitor }}' as monitor,
    '{{ subject_type }}' as subject_type,
    {{ subject_id }} as subject_id,
    {{ seen_date }} as seen_date,
    cast({{ occurrences }} as bigint) as occurrence_count,
    cast({{ population }} as bigint) as population_count,
    cast({{ age_days }} as bigint) as age_days,
    cast({{ score }} as decimal(18, 6)) as score,
    {{ evidence }} as evidence
{%- endmacro %}

{#- How far two amounts above zero are apart: twice and half as much are both 1. -#}
{% macro relative_change(amount, former_amount) -%}
    {{ ratio_of(
        "(greatest(" ~ amount ~ ", " ~ former_amount ~ ") - least(" ~ amount ~ ", " ~ former_amount ~ "))",
        "least(" ~ amount ~ ", " ~ former_amount ~ ")",
    ) }}
{%- endmacro %}

{#- One side of a seam: what it says of a subject. A seam holds where both sides say the same of each subject. -#}
{% macro seam_side(seam, side, subject_id, unit, amount) -%}
    '{{ seam }}' as seam,
    {{ side }} as side,
    {{ subject_id }} as subject_id,
    {{ unit }} as unit,
    cast({{ amount }} as decimal(38, 12)) as amount
{%- endmacro %}
