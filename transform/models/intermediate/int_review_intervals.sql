-- One row per rating, age group, place and stretch of days for which one review interval holds
with

rules as (
    select rating, age_band, place, days, valid_from, valid_to
    from {{ ref('stg_reference__review_intervals') }}
),

age_groups as (
    select 'under_18' as age_group
    union all
    select 'adult' as age_group
),

places as (
    select 'all' as place
    union
    select place from rules where place <> 'any'
),

-- The days on which the interval of a rating may change.
days_of_change as (
    select rating, valid_from as day from rules
    union
    select rating, {{ add_days('valid_to', 1) }} from rules where valid_to is not null
),

-- The most specific rule wins: one for the place before one for the age, then the newest, then the shortest.
chosen as (
    select days_of_change.rating, age_groups.age_group, places.place, days_of_change.day, rules.days
    from days_of_change
    cross join age_groups
    cross join places
    left join rules
        on
            rules.rating = days_of_change.rating
            and rules.age_band in ('any', age_groups.age_group)
            and rules.place in ('any', places.place)
            and days_of_change.day between rules.valid_from and coalesce(rules.valid_to, date '9999-12-31')
    qualify row_number() over (
        partition by days_of_change.rating, age_groups.age_group, places.place, days_of_change.day
        order by
            case when rules.place = 'any' then 1 else 0 end,
            case when rules.age_band = 'any' then 1 else 0 end,
            rules.valid_from desc,
            rules.days
    ) = 1
),

final as (
    select
        rating,
        age_group,
        place,
        days,
        day as valid_from,
        lead(day) over (partition by rating, age_group, place order by day) as valid_to
    from chosen
)

select * from final where days is not null
