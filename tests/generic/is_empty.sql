{#- Every row of the model is a finding. -#}
{% test is_empty(model) %}
    select * from {{ model }}
{% endtest %}
