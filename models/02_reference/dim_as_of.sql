{%- set as_of = var('as_of') -%}
with files as (
    select * from {{ ref('stg_landing__files') }}
),

final as (
    select
        {% if as_of -%}
            coalesce({{ parse_instant("'" ~ as_of ~ "'") }}, max(landed_at)) as as_of_at
        {%- else -%}
            max(landed_at) as as_of_at
        {%- endif %}
    from files
)

select * from final
