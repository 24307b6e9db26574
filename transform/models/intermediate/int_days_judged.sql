-- One row per person on the register and day at whose end it is asked whether a review is overdue
with

settings as (select as_of from {{ ref('int_settings') }}),
months as (select month_end from {{ ref('int_months') }}),
periods as (select pseudonym, accepted_on, closed_on, previous_closed_on from {{ ref('int_register_periods') }}),
reviews as (select pseudonym, held_on from {{ ref('int_dsr_reviews') }}),

days as (
    select periods.pseudonym, periods.accepted_on, months.month_end as judged_on
    from periods
    inner join months on periods.accepted_on <= months.month_end and coalesce(periods.closed_on, date '9999-12-31') > months.month_end
    union
    select periods.pseudonym, periods.accepted_on, settings.as_of
    from periods
    cross join settings
    where periods.closed_on is null
    union
    -- The eve of leaving: was a review outstanding then?
    select pseudonym, accepted_on, {{ add_days('closed_on', -1) }}
    from periods
    where closed_on is not null
    union
    -- The eve of each review: when had it been due?
    select periods.pseudonym, periods.accepted_on, {{ add_days('reviews.held_on', -1) }}
    from periods
    inner join reviews
        on
            reviews.pseudonym = periods.pseudonym
            and reviews.held_on > periods.accepted_on
            and reviews.held_on <= coalesce(periods.closed_on, date '9999-12-31')
),

final as (
    select days.pseudonym, days.judged_on, periods.accepted_on, periods.previous_closed_on
    from days
    inner join periods on periods.pseudonym = days.pseudonym and periods.accepted_on = days.accepted_on
)

select * from final
