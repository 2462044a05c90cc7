{#- One side per reach of the monitors, each with the same columns. -#}
with
{% set watched = ['usage', 'producers', 'costs', 'prices', 'billing', 'decisions', 'accounts'] -%}
{% for reach in watched -%}
    {{ reach }}_watched as (
        select * from {{ ref('int_quality__' ~ reach ~ '_watched') }}
    ),

{% endfor -%}
final as (
    {% for reach in watched -%}
        select
            monitor,
            subject_type,
            subject_id,
            seen_date,
            occurrence_count,
            population_count,
            age_days,
            score,
            evidence
        from {{ reach }}_watched
        {% if not loop.last %}union all{% endif %}
    {% endfor -%}
)

select * from final
