-- One row per person and stretch of one rating
with

settings as (select as_of, discharge_red_days from {{ ref('int_settings') }}),
ratings as (select pseudonym, row_id, delivered_on, rating, effective_from from {{ ref('stg_register__ratings') }}),

spells as (
    select pseudonym, admitted_on, coalesce(discharged_on, date '9999-12-31') as left_on
    from {{ ref('int_hospital_spells') }}
    where not is_statutory_only
),

-- Two agencies rate on one day: the newest delivery, and of one day's deliveries the more cautious.
recorded as (
    select ratings.pseudonym, ratings.effective_from as day, ratings.rating
    from ratings
    cross join settings
    where ratings.effective_from <= settings.as_of
    qualify row_number() over (
        partition by ratings.pseudonym, ratings.effective_from
        order by
            ratings.delivered_on desc nulls last,
            case ratings.rating when 'red' then 1 when 'amber' then 2 when 'blue' then 3 else 4 end,
            ratings.row_id
    ) = 1
),

-- The days on which a rating may change.
moments as (
    select pseudonym, day from recorded
    union
    select pseudonym, admitted_on from spells
    union
    select spells.pseudonym, spells.left_on
    from spells cross join settings where spells.left_on <= settings.as_of
    union
    select spells.pseudonym, {{ add_days('spells.left_on', 'settings.discharge_red_days') }}
    from spells cross join settings
    where spells.left_on <= {{ add_days('settings.as_of', '-settings.discharge_red_days') }}
),

carried as (
    select
        moments.pseudonym,
        moments.day,
        settings.discharge_red_days,
        last_value(recorded.rating ignore nulls) over so_far as recorded_rating,
        last_value(recorded.day ignore nulls) over so_far as recorded_on,
        last_value(nullif(recorded.rating, 'blue') ignore nulls) over so_far as home_rating,
        last_value(spells.left_on ignore nulls) over so_far as left_on
    from moments
    cross join settings
    left join recorded on recorded.pseudonym = moments.pseudonym and recorded.day = moments.day
    left join spells on spells.pseudonym = moments.pseudonym and spells.admitted_on = moments.day
    window so_far as (partition by moments.pseudonym order by moments.day rows unbounded preceding)
),

rated as (
    select
        pseudonym,
        day,
        case
            when left_on > day then 'blue'
            when left_on is null or recorded_on >= left_on then recorded_rating
            -- Nothing was recorded on discharge or since: red at first, then what held at home before.
            when day < {{ add_days('left_on', 'discharge_red_days') }} then 'red'
            else coalesce(home_rating, 'red')
        end as rating
    from carried
),

changes as (
    select pseudonym, day, rating
    from rated
    qualify lag(rating) over (partition by pseudonym order by day) is distinct from rating
),

final as (
    select
        pseudonym,
        rating,
        day as valid_from,
        lead(day) over (partition by pseudonym order by day) as valid_to
    from changes
)

select * from final
