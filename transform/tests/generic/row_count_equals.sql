{#- As many rows as `same_as`: a lost row is a failure and not a good-looking number. -#}
{% test row_count_equals(model, same_as, where_there=none) %}
select *
from (
    select
        (select count(*) from {{ model }}) as here,
        (select count(*) from {{ same_as }}{% if where_there %} where {{ where_there }}{% endif %}) as there
) as counted
where here <> there
{% endtest %}
