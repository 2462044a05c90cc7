{#- The condition is true of every row; a null counts as a breach. -#}
{% test holds(model, condition) %}
    select *
    from {{ model }}
    where ({{ condition }}) is not true
{% endtest %}
