-- One row: the days and numbers among the settings of this run, each with its type
with

settings as (select name, value from {{ ref('stg_reference__settings') }}),

final as (
    select
        cast(max(case when name = 'as_of' then value end) as date) as as_of,
        cast(max(case when name = 'history_months' then value end) as integer) as history_months,
        cast(max(case when name = 'gap_days' then value end) as integer) as gap_days,
        cast(max(case when name = 'theme_silent_days' then value end) as integer) as theme_silent_days,
        cast(max(case when name = 'discharge_red_days' then value end) as integer) as discharge_red_days
    from settings
)

select * from final
