{#- Every value is one of the other model's; null and (placeholders) are passed over. -#}
{% test refers_to(model, column_name, to, field) %}
    select child.{{ column_name }}
    from (select * from {{ model }}) as child
    left join {{ to }} as parent
        on child.{{ column_name }} = parent.{{ field }}
    where
        parent.{{ field }} is null
        and child.{{ column_name }} is not null
        and child.{{ column_name }} not like '(%)'
    group by child.{{ column_name }}
{% endtest %}
