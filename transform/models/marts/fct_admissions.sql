-- One row per hospital spell, of people on the register and of people whom only a statutory collection knows
with

settings as (select as_of from {{ ref('int_settings') }}),
periods as (select pseudonym, accepted_on, closed_on from {{ ref('int_register_periods') }}),
ratings as (select pseudonym, rating, valid_from, valid_to from {{ ref('int_rating_periods') }}),

spells as (
    select
        pseudonym, admitted_on, discharged_on, stays, is_statutory_only, is_known_stated, age_band, planned, source, bed_type,
        mha_code, ward_security, last_ward_security, planned_discharge_on, is_delayed, destination, distance_km
    from {{ ref('int_hospital_spells') }}
),

places as (
    select pseudonym, record_key, responsible_icb_ods, residence_icb_ods, residence_utla_gss, deprivation_quintile
    from {{ ref('stg_register__people') }}
    union all
    select pseudonym, record_key, responsible_icb_ods, residence_icb_ods, residence_utla_gss, deprivation_quintile
    from {{ ref('stg_register__statutory_admissions') }}
),

-- A person of the statutory collection has a place on each row: the last in the alphabet stands when they differ.
people as (
    select
        pseudonym,
        max(record_key) as record_key,
        max(responsible_icb_ods) as responsible_icb_ods,
        max(residence_icb_ods) as residence_icb_ods,
        max(residence_utla_gss) as residence_utla_gss,
        max(deprivation_quintile) as deprivation_quintile
    from places
    group by pseudonym
),

final as (
    select
        spells.pseudonym,
        spells.admitted_on,
        spells.discharged_on,
        cast(date_diff('day', spells.admitted_on, coalesce(spells.discharged_on, settings.as_of)) as integer) as days,
        spells.stays,
        people.record_key,
        people.responsible_icb_ods,
        people.residence_icb_ods,
        people.residence_utla_gss,
        people.deprivation_quintile,
        spells.age_band,
        spells.is_statutory_only,
        periods.pseudonym is not null as is_known_before,
        spells.is_known_stated,
        ratings.rating as rating_before,
        spells.planned,
        spells.source,
        spells.bed_type,
        spells.mha_code,
        spells.ward_security,
        spells.last_ward_security,
        spells.planned_discharge_on,
        spells.is_delayed,
        spells.destination,
        spells.distance_km
    from spells
    inner join people on people.pseudonym = spells.pseudonym
    cross join settings
    -- Known before: an open accepted entry on the day before admission.
    left join periods
        on
            periods.pseudonym = spells.pseudonym
            and periods.accepted_on < spells.admitted_on
            and coalesce(periods.closed_on, date '9999-12-31') >= spells.admitted_on
    left join ratings
        on
            ratings.pseudonym = spells.pseudonym
            and ratings.valid_from < spells.admitted_on
            and coalesce(ratings.valid_to, date '9999-12-31') >= spells.admitted_on
)

select * from final
