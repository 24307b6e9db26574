import type { DuckDBConnection } from '@duckdb/node-api'
import type { Settings } from '../../register/settings.ts'
import { run } from '../statement.ts'
import { findRequested } from '../withdrawal/findRequested.ts'
import { ruledDecisionSql, writeConsentRules } from './writeConsentRules.ts'

/**
 * Who may be on the register (docs/consent.md). Leaves `decisions`, every decision of which anything is known, and `gate`:
 * one row for each person known to a feed of basis register_consent, with `reason` (K90, K91, K92) where the person is
 * kept off it, else null.
 *
 * - The newest decision over all accepted rows holds. On one day, withdrawal and refusal come before a basis.
 * - Withdrawals and refusals count from every delivery ever landed, from records set aside for another fault, and from
 *   what `dsr withdraw` recorded, so that an extract which has dropped one cannot bring the person back; a newer consent
 *   can. Bases count only from what each feed says now.
 * - "Not recorded" (K90) is no decision: it does not undo another agency's basis.
 * - Whoever's basis no longer holds stays on the register with consent to renew (`consent_state`): it did not fit the age
 *   on its day, a birthday has taken its ground away (both by `consent_rules`), or it lapsed: recorded as expired (K93),
 *   past the review day that was set for it, older than `consent_renewal_days` where none was set, or of an unknown day.
 *   `grace_ends_on` is the day from which a named person may seal the case; nothing is sealed by the clock.
 */
export async function consentGate(connection: DuckDBConnection, settings: Settings, asOf: string): Promise<void> {
  await writeConsentRules(connection, settings.consent_rules)
  await findRequested(connection)
  await run(connection, 'gather decisions', decisionsSql)
  await run(connection, 'choose the newest decisions', newestSql)
  await run(
    connection,
    'judge decisions by age',
    `create or replace temp table ruled as ${ruledDecisionSql('newest_decisions')}`,
  )
  await run(connection, 'judge consent', gateSql, {
    as_of: asOf,
    renewal: settings.consent_renewal_days,
    grace: settings.consent_grace_days,
  })
}

const bases = ['K01', 'K02', 'K03', 'K04', 'K05', 'K06', 'K07', 'K08', 'K93'].map((code) => `'${code}'`).join(', ')

const decisionsSql = `
create or replace temp table decisions as
with
said as (
    select
        persons.person_id, consents.basis, consents.decision_date, consents.withdrawn_date, consents.refused_date, consents.review_due,
        deliveries.delivered_on, deliveries.feed, holding.delivery is not null as is_held
    from landing.landed_consents as consents
    join ranked_deliveries as deliveries using (delivery)
    join node_persons as persons
        on persons.feed = deliveries.owner and persons.local_id = consents.local_id
        and deliveries.rank between persons.from_rank and persons.to_rank
    left join holding on holding.delivery = consents.delivery and holding.local_id = consents.local_id
    where persons.basis = 'register_consent'
)
select person_id, basis as code, decision_date as decided_on, review_due, delivered_on, feed
from said
where is_held and basis in (${bases})
union all
select person_id, 'K91' as code, coalesce(withdrawn_date, decision_date, delivered_on) as decided_on, null as review_due, delivered_on, feed
from said
where basis = 'K91' or withdrawn_date is not null
union all
select person_id, 'K92' as code, coalesce(refused_date, decision_date, delivered_on) as decided_on, null as review_due, delivered_on, feed
from said
where basis = 'K92' or refused_date is not null
union all
select persons.person_id, heard.code, coalesce(heard.decided_on, deliveries.delivered_on) as decided_on, null as review_due, deliveries.delivered_on, deliveries.feed
from landing.heard as heard
join ranked_deliveries as deliveries using (delivery)
join node_persons as persons
    on persons.feed = deliveries.owner and persons.local_id = heard.local_id
    and deliveries.rank between persons.from_rank and persons.to_rank
where heard.code in ('K91', 'K92')
union all
select person_id, 'K91' as code, decided_on, null as review_due, decided_on as delivered_on, '' as feed
from requested_withdrawals`

/** With the birth date and the place that the agencies say now: what the rules of age need. */
const newestSql = `
create or replace temp table newest_decisions as
with
known as (
    select person_id, arg_max(date_of_birth, newness) as date_of_birth, arg_max(responsible_icb_ods, newness) as place
    from current_people
    where basis = 'register_consent'
    group by person_id
),
newest as (
    select *
    from decisions
    qualify row_number() over (
        partition by person_id
        order by decided_on desc nulls last, code in ('K91', 'K92') desc, delivered_on desc, code, feed
    ) = 1
)
select
    known.person_id as key, newest.code as basis, newest.decided_on, newest.review_due,
    known.date_of_birth, known.place
from known
left join newest using (person_id)`

const gateSql = `
create or replace temp table gate as
with
dated as (
    select
        newest.key as person_id, newest.basis as code, newest.decided_on, newest.date_of_birth,
        newest.basis in ('K91', 'K92', 'K93') or ruled.fits as fits,
        ruled.ends_on as overtaken_on,
        case
            when newest.basis = 'K93' then newest.decided_on
            else coalesce(newest.review_due, newest.decided_on + cast($renewal as integer)) + 1
        end as lapsed_on
    from newest_decisions as newest
    join ruled using (key)
),
judged as (
    select
        *,
        case
            when not fits then 'not_for_age'
            when overtaken_on <= cast($as_of as date)
                then case when date_of_birth + interval 18 years <= cast($as_of as date) then 'overtaken_18' else 'overtaken_16' end
            when code = 'K93' or lapsed_on is null or decided_on is null or lapsed_on <= cast($as_of as date) then 'lapsed'
            else 'valid'
        end as consent_state
    from dated
)
select
    person_id,
    case when code is null then 'K90' when code in ('K91', 'K92') then code end as reason,
    code as consent_basis,
    decided_on as consent_decided_on,
    consent_state,
    cast(
        case consent_state
            when 'not_for_age' then decided_on
            when 'overtaken_16' then overtaken_on
            when 'overtaken_18' then overtaken_on
            when 'lapsed' then lapsed_on
        end + cast($grace as integer)
    as date) as grace_ends_on
from judged`
