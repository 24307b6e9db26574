-- One row per person on the register now: what is due, why, and what else needs looking at
with

settings as (select as_of from {{ ref('int_settings') }}),

people as (
    select pseudonym, responsible_icb_ods, responsible_utla_gss, residence_utla_gss, age_band, consent_state, is_consent_grace_over
    from {{ ref('stg_register__people') }}
),

due as (
    select
        pseudonym, judged_on, accepted_on, last_review_on, rating, rating_since, due_on, due_because, due_from_on, due_rating,
        days_overdue, is_overdue, is_never_reviewed
    from {{ ref('int_review_due') }}
),

periods as (select pseudonym, accepted_on from {{ ref('int_register_periods') }} where closed_on is null),
heard as (select pseudonym, last_heard_on from {{ ref('int_last_heard') }}),
inpatients as (select pseudonym from {{ ref('int_hospital_spells') }} where discharged_on is null),

actions as (
    select pseudonym, count(*) as actions_overdue
    from {{ ref('fct_actions') }}
    where is_overdue
    group by pseudonym
),

disagreements as (
    select pseudonym, count(*) as disagreements
    from {{ ref('stg_register__disagreements') }}
    group by pseudonym
),

final as (
    select
        due.pseudonym,
        due.rating,
        due.rating_since,
        people.responsible_icb_ods,
        people.responsible_utla_gss,
        people.residence_utla_gss,
        people.age_band,
        due.accepted_on,
        due.last_review_on,
        due.due_on,
        due.due_because,
        due.due_from_on,
        due.due_rating,
        due.days_overdue,
        due.is_overdue,
        due.is_never_reviewed,
        due.days_overdue between -14 and 0 as is_due_in_14_days,
        people.consent_state,
        people.is_consent_grace_over,
        heard.last_heard_on as quiet_since,
        inpatients.pseudonym is not null as is_inpatient,
        cast(coalesce(actions.actions_overdue, 0) as integer) as actions_overdue,
        cast(coalesce(disagreements.disagreements, 0) as integer) as disagreements
    from due
    inner join settings on settings.as_of = due.judged_on
    inner join periods on periods.pseudonym = due.pseudonym
    inner join people on people.pseudonym = due.pseudonym
    left join heard on heard.pseudonym = due.pseudonym
    left join inpatients on inpatients.pseudonym = due.pseudonym
    left join actions on actions.pseudonym = due.pseudonym
    left join disagreements on disagreements.pseudonym = due.pseudonym
)

select * from final
