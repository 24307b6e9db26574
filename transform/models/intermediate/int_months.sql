-- One row per whole month before as_of that the measures go back to
with

settings as (select as_of, history_months from {{ ref('int_settings') }}),
numbers as ({{ number_series(1, 120) }}),

months as (
    select {{ add_months("date_trunc('month', settings.as_of)", '-numbers.number') }} as month
    from numbers
    cross join settings
    where numbers.number <= settings.history_months
),

final as (
    select
        month,
        {{ add_days(add_months('month', 1), -1) }} as month_end
    from months
)

select * from final
