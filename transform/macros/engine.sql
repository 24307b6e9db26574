{#- What engines write differently, in one place: a second engine needs these and no model. -#}

{% macro add_days(day, days) -%}
    cast({{ day }} + cast({{ days }} as integer) as date)
{%- endmacro %}

{% macro add_months(day, months) -%}
    cast({{ day }} + to_months(cast({{ months }} as integer)) as date)
{%- endmacro %}

{#- One row per whole number from low to high, column `number`. -#}
{% macro number_series(low, high) -%}
    select cast(unnest(generate_series({{ low }}, {{ high }})) as integer) as number
{%- endmacro %}

{#- Columns packed into one value that is compared column by column, in this order. -#}
{% macro pack(columns) -%}
    struct_pack({% for column in columns %}{{ column }} := {{ column }}{{ ', ' if not loop.last }}{% endfor %})
{%- endmacro %}
