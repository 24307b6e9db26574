-- One row per person and event, whichever agencies told of it
with

settings as (select as_of from {{ ref('int_settings') }}),

entries as (
    select pseudonym, register_scope, referral_date, referrer_role, accepted_date, closed_date, closure_reason
    from {{ ref('stg_register__entries') }}
),

ratings as (select pseudonym, rating, valid_from, valid_to from {{ ref('int_rating_periods') }}),
reviews as (select pseudonym, held_on, kind from {{ ref('stg_register__reviews') }}),
cetrs as (select pseudonym, held_on, kind from {{ ref('stg_register__cetrs') }}),
actions as (select pseudonym, raised_date, done_date, service_code from {{ ref('stg_register__actions') }}),
escalations as (select pseudonym, date, closed_date, level from {{ ref('stg_register__escalations') }}),

spells as (
    select pseudonym, admitted_on, discharged_on, bed_type, destination
    from {{ ref('int_hospital_spells') }}
    where not is_statutory_only
),

events as (
    select
        pseudonym, 'referral' as event, referral_date as happened_on, cast(null as date) as ended_on,
        referrer_role as detail, 'referrer_roles' as detail_list
    from entries
    union all
    select pseudonym, 'accepted', accepted_date, null, register_scope, 'register_scopes' from entries
    union all
    select pseudonym, 'closed', closed_date, null, closure_reason, 'closure_reasons' from entries
    union all
    select pseudonym, 'rating', valid_from, valid_to, rating, 'ratings' from ratings
    union all
    select pseudonym, 'review', held_on, null, kind, 'review_kinds' from reviews
    union all
    select pseudonym, 'cetr', held_on, null, kind, 'cetr_kinds' from cetrs
    union all
    select pseudonym, 'admission', admitted_on, discharged_on, bed_type, 'bed_types' from spells
    union all
    select pseudonym, 'discharge', discharged_on, null, destination, 'destinations' from spells
    union all
    select pseudonym, 'action', raised_date, done_date, service_code, 'services' from actions
    union all
    select pseudonym, 'escalation', date, closed_date, level, 'escalation_levels' from escalations
),

final as (
    select
        events.pseudonym,
        events.happened_on,
        max(events.ended_on) as ended_on,
        events.event,
        events.detail,
        case when events.detail is not null then events.detail_list end as detail_list
    from events
    cross join settings
    where events.happened_on <= settings.as_of
    group by events.pseudonym, events.happened_on, events.event, events.detail, events.detail_list
)

select * from final
