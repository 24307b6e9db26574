-- One row per person and day from which the days to the next review are counted, or counted anew, with the rating then
with

periods as (select pseudonym, accepted_on, closed_on, previous_closed_on from {{ ref('int_register_periods') }}),
reviews as (select pseudonym, held_on from {{ ref('int_dsr_reviews') }}),
spells as (select pseudonym, admitted_on, discharged_on from {{ ref('int_hospital_spells') }}),
ages as (select pseudonym, under_18_until from {{ ref('int_person_ages') }}),
people as (select pseudonym, responsible_icb_ods from {{ ref('stg_register__people') }}),
intervals as (select rating, age_group, place, days, valid_from, valid_to from {{ ref('int_review_intervals') }}),

-- The first rating reaches back: whoever is rated some days after being accepted was so rated from the start. Not so the
-- blue of an admission: nobody was in hospital before it.
ratings as (
    select
        periods.pseudonym,
        periods.rating,
        periods.valid_from,
        periods.valid_to,
        case
            when spells.pseudonym is not null then periods.valid_from
            when lag(periods.valid_from) over (partition by periods.pseudonym order by periods.valid_from) is null then date '0001-01-01'
            else periods.valid_from
        end as holds_from
    from {{ ref('int_rating_periods') }} as periods
    left join spells on spells.pseudonym = periods.pseudonym and spells.admitted_on = periods.valid_from
),

-- Coming back after having left starts anew: what was reviewed in an earlier stretch, the day of leaving included, does
-- not count.
unreviewed as (
    select periods.pseudonym, periods.accepted_on
    from periods
    left join reviews
        on
            reviews.pseudonym = periods.pseudonym
            and reviews.held_on <= periods.accepted_on
            and reviews.held_on > coalesce(periods.previous_closed_on, date '0001-01-01')
    group by periods.pseudonym, periods.accepted_on
    having count(reviews.held_on) = 0
),

-- On one day the last of these counts: rank_in_day says which comes last.
anchors as (
    select pseudonym, accepted_on as counted_from, 'never_reviewed' as due_because, 1 as rank_in_day from unreviewed
    union all
    select spells.pseudonym, spells.admitted_on, 'admission', 2
    from spells
    inner join periods
        on
            periods.pseudonym = spells.pseudonym
            and spells.admitted_on >= periods.accepted_on
            and spells.admitted_on < coalesce(periods.closed_on, date '9999-12-31')
    union all
    select spells.pseudonym, spells.discharged_on, 'discharge', 3
    from spells
    inner join periods
        on
            periods.pseudonym = spells.pseudonym
            and spells.discharged_on >= periods.accepted_on
            and spells.discharged_on < coalesce(periods.closed_on, date '9999-12-31')
    union all
    select pseudonym, held_on, 'last_review', 4 from reviews
),

starts as (
    select
        anchors.pseudonym, anchors.counted_from, anchors.due_because, anchors.rank_in_day, true as is_anchor,
        -- Not rated by anyone: as red, for silence must not look like safety.
        coalesce(ratings.rating, 'red') as rating
    from anchors
    left join ratings
        on
            ratings.pseudonym = anchors.pseudonym
            and anchors.counted_from >= ratings.holds_from
            and anchors.counted_from < coalesce(ratings.valid_to, date '9999-12-31')
    union all
    select pseudonym, valid_from, 'rating_tightened', 5, false, rating
    from ratings
    where holds_from = valid_from
),

final as (
    select
        starts.pseudonym,
        starts.counted_from,
        cast(starts.rank_in_day as integer) as rank_in_day,
        starts.is_anchor,
        starts.due_because,
        starts.rating,
        {{ add_days('starts.counted_from', 'intervals.days') }} as due_on
    from starts
    inner join people on people.pseudonym = starts.pseudonym
    left join ages on ages.pseudonym = starts.pseudonym
    left join (select distinct place from intervals) as places on places.place = people.responsible_icb_ods
    left join intervals
        on
            intervals.rating = starts.rating
            and intervals.age_group = case when starts.counted_from <= ages.under_18_until then 'under_18' else 'adult' end
            and intervals.place = coalesce(places.place, 'all')
            and starts.counted_from >= intervals.valid_from
            and starts.counted_from < coalesce(intervals.valid_to, date '9999-12-31')
)

select * from final
