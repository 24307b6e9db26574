{#- No stretch of one `per` begins before the one before it has ended; none ends before it begins. An open end is null. -#}
{% test periods_never_overlap(model, per, starts, ends) %}
select *
from (
    select
        {{ starts }} as starts_on,
        {{ ends }} as ends_on,
        row_number() over (partition by {{ per }} order by {{ starts }}) as number,
        lag({{ ends }}) over (partition by {{ per }} order by {{ starts }}) as previous_ends_on
    from {{ model }}
) as stretches
where ends_on < starts_on or (number > 1 and (previous_ends_on is null or previous_ends_on > starts_on))
{% endtest %}
