-- One row per person past the consent gate of whom no agency gives any entry: referral, acceptance or rejection
with

people as (select pseudonym, feed_agency, delivered_on from {{ ref('stg_register__people') }}),
entries as (select distinct pseudonym from {{ ref('stg_register__entries') }}),

final as (
    select people.pseudonym, people.feed_agency, people.delivered_on
    from people
    left join entries on entries.pseudonym = people.pseudonym
    where entries.pseudonym is null
)

select * from final
