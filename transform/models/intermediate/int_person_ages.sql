-- One row per person: the last day on which a record shows them under 18
with

settings as (select as_of from {{ ref('int_settings') }}),
people as (select pseudonym, age_band from {{ ref('stg_register__people') }}),

-- Birth dates do not cross; the age band of each dated record does.
seen as (
    select pseudonym, held_on as day, age_band from {{ ref('stg_register__reviews') }}
    union all
    select pseudonym, effective_from as day, age_band from {{ ref('stg_register__ratings') }}
    union all
    select pseudonym, referral_date as day, age_band from {{ ref('stg_register__entries') }}
    union all
    select pseudonym, admitted as day, age_band from {{ ref('stg_register__admissions') }}
),

last_seen as (
    select seen.pseudonym, max(seen.day) as under_18_until
    from seen
    cross join settings
    where seen.age_band in ('0-15', '16-17') and seen.day <= settings.as_of
    group by seen.pseudonym
),

final as (
    select
        people.pseudonym,
        case when people.age_band in ('0-15', '16-17') then settings.as_of else last_seen.under_18_until end as under_18_until
    from people
    cross join settings
    left join last_seen on last_seen.pseudonym = people.pseudonym
)

select * from final
