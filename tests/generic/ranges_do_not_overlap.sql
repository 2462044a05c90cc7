{#- The half-open ranges of a key follow one another: none begins before the one ahead ends. -#}
{% test ranges_do_not_overlap(model, key, from_column, to_column) %}
    select *
    from (
        select
            *,
            lead({{ from_column }}) over (
                partition by {{ key | join(', ') }} order by {{ from_column }}
            ) as next_from
        from {{ model }}
    )
    where {{ from_column }} >= {{ to_column }} or next_from < {{ to_column }}
{% endtest %}
