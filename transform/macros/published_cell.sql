{#-
  The one place where a count of people becomes a published cell. `counts` is a step that holds the dimensions, `people`
  and `record_key_sum` (sum of the record keys of the people counted, modulo 256). Cell-key method: the look-up table
  `cell_rule` gives the change; then under 5 is suppressed, nought included, else the nearest 5 (national learning
  disability and autism output). A cell that the table does not know is suppressed, never shown unchanged.
-#}
{% macro published_cell(counts, dimensions) %}
    {%- set threshold = 5 -%}
    {%- set base = 5 -%}
    select
        {%- for dimension in dimensions %}
        {{ counts }}.{{ dimension }},
        {%- endfor %}
        cast(
            case
                when {{ counts }}.people + cell_rule.change >= {{ threshold }}
                    then {{ base }} * round(({{ counts }}.people + cell_rule.change) / {{ base }}.0)
            end as integer
        ) as value,
        case
            when {{ counts }}.people + cell_rule.change >= {{ threshold }} then 'shown'
            else 'suppressed'
        end as state
    from {{ counts }}
    left join {{ ref('stg_reference__settings') }} as settings on settings.name = 'disclosure_rule'
    left join {{ ref('cell_rule') }} as cell_rule
        on
            cell_rule.rule = settings.value
            and cell_rule.pcv = case
                when {{ counts }}.people <= 750 then {{ counts }}.people
                else (({{ counts }}.people - 1) % 250) + 501
            end
            and cell_rule.ckey = {{ counts }}.record_key_sum
{% endmacro %}
