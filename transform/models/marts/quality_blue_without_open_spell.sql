-- One row per person rated blue now of whom no feed tells that they are in hospital
with

settings as (select as_of from {{ ref('int_settings') }}),
ratings as (select pseudonym, rating, valid_from, valid_to from {{ ref('int_rating_periods') }}),
inpatients as (select pseudonym from {{ ref('int_hospital_spells') }} where discharged_on is null),

recorded as (
    select pseudonym, feed_agency, effective_from
    from {{ ref('stg_register__ratings') }}
    where rating = 'blue'
),

final as (
    select
        ratings.pseudonym,
        ratings.valid_from as blue_since,
        max_by(recorded.feed_agency, recorded.effective_from) as feed_agency,
        max(cast(date_diff('day', ratings.valid_from, settings.as_of) as integer)) as days
    from ratings
    cross join settings
    left join inpatients on inpatients.pseudonym = ratings.pseudonym
    left join recorded on recorded.pseudonym = ratings.pseudonym and recorded.effective_from <= settings.as_of
    where ratings.rating = 'blue' and ratings.valid_to is null and inpatients.pseudonym is null
    group by ratings.pseudonym, ratings.valid_from
)

select * from final
