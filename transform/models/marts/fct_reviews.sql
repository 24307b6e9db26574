-- One row per DSR review that was due while the person was on the register: held, outstanding, or left undone
with

settings as (select as_of from {{ ref('int_settings') }}),
reviews as (select pseudonym, held_on from {{ ref('int_dsr_reviews') }}),
periods as (select pseudonym, accepted_on, closed_on from {{ ref('int_register_periods') }}),

due as (
    select pseudonym, judged_on, accepted_on, last_review_on, rating, due_on, due_because, due_from_on, due_rating, is_never_reviewed
    from {{ ref('int_review_due') }}
),

outcomes as (
    select
        due.pseudonym, due.judged_on, due.due_on, due.due_because, due.due_from_on, due.due_rating, due.rating, due.is_never_reviewed,
        reviews.held_on,
        case when reviews.held_on is null then periods.closed_on end as left_on,
        coalesce(reviews.held_on, periods.closed_on, settings.as_of) as late_until
    from due
    inner join periods on periods.pseudonym = due.pseudonym and periods.accepted_on = due.accepted_on
    cross join settings
    left join reviews on reviews.pseudonym = due.pseudonym and reviews.held_on = {{ add_days('due.judged_on', 1) }}
    where
        reviews.held_on is not null
        or (periods.closed_on is null and due.judged_on = settings.as_of)
        -- Left before it was due: nothing was left undone.
        or (due.judged_on = {{ add_days('periods.closed_on', -1) }} and due.due_on < periods.closed_on)
),

final as (
    select
        pseudonym,
        judged_on,
        due_on,
        due_because,
        due_from_on,
        due_rating,
        rating,
        is_never_reviewed,
        held_on,
        left_on,
        held_on is null and left_on is null as is_outstanding,
        cast(greatest(date_diff('day', due_on, late_until), 0) as integer) as days_late
    from outcomes
)

select * from final
