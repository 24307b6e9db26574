{#- The condition holds on every row; unknown is not true. -#}
{% test always_true(model, condition) %}
select *
from {{ model }}
where ({{ condition }}) is distinct from true
{% endtest %}
