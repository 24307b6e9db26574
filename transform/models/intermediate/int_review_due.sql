-- One row per person and day judged: when the next review was due then, why, and whether it was overdue
with

starts as (
    select pseudonym, counted_from, rank_in_day, is_anchor, due_because, rating, due_on
    from {{ ref('int_review_starts') }}
),

ratings as (select pseudonym, rating, valid_from from {{ ref('int_rating_periods') }}),
judged as (select pseudonym, judged_on, accepted_on, previous_closed_on from {{ ref('int_days_judged') }}),

-- Starts, ratings and questions on one line of time; a question comes last on its day.
moments as (
    select
        pseudonym, counted_from as day, rank_in_day, is_anchor, due_because, rating, counted_from, due_on,
        case when due_because = 'last_review' then counted_from end as reviewed_on,
        cast(null as varchar) as rating_begun,
        cast(null as date) as rating_begun_on,
        cast(null as date) as accepted_on,
        cast(null as date) as previous_closed_on
    from starts
    union all
    select
        pseudonym, valid_from, 6, false, null, null, null, null, null, rating, valid_from, null, null
    from ratings
    union all
    select
        pseudonym, judged_on, 9, false, null, null, null, null, null, null, null, accepted_on, previous_closed_on
    from judged
),

carried as (
    select
        pseudonym, day, rank_in_day, due_because, rating, counted_from, due_on, accepted_on, previous_closed_on,
        sum(case when is_anchor then 1 else 0 end) over so_far as anchor_number,
        last_value(reviewed_on ignore nulls) over so_far as last_review_on,
        last_value(rating_begun ignore nulls) over so_far as rating_then,
        last_value(rating_begun_on ignore nulls) over so_far as rating_since
    from moments
    window so_far as (partition by pseudonym order by day, rank_in_day rows unbounded preceding)
),

-- Since the last anchor the earliest date counts. A tighter rating brings an earlier one; a looser one comes after the
-- anchor's own and so waits for the next review.
earliest as (
    select
        pseudonym, day, rank_in_day, accepted_on, previous_closed_on, last_review_on, rating_then, rating_since,
        min(case when due_on is not null then {{ pack(['due_on', 'counted_from', 'rank_in_day', 'due_because', 'rating']) }} end) over (
            partition by pseudonym, anchor_number order by day, rank_in_day rows unbounded preceding
        ) as due
    from carried
),

final as (
    select
        pseudonym,
        day as judged_on,
        accepted_on,
        case when last_review_on > coalesce(previous_closed_on, date '0001-01-01') then last_review_on end as last_review_on,
        rating_then as rating,
        rating_since,
        due.due_on as due_on,
        due.due_because as due_because,
        due.counted_from as due_from_on,
        due.rating as due_rating,
        cast(date_diff('day', due.due_on, day) as integer) as days_overdue,
        -- Due today is not overdue.
        coalesce(due.due_on < day, true) as is_overdue,
        coalesce(last_review_on <= coalesce(previous_closed_on, date '0001-01-01'), true) as is_never_reviewed
    from earliest
    where rank_in_day = 9
)

select * from final
