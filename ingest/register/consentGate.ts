import type { DuckDBConnection } from '@duckdb/node-api'
import type { Settings } from '../../register/settings.ts'
import { run } from '../statement.ts'

/**
 * Who may be on the register (design.md 5, domain.md 2.5 and 6f). Leaves `gate`: one row for each person known to a
 * feed of basis register_consent, with `reason` (K90, K91, K92) where the person is kept off it, else null.
 *
 * - The newest decision over all accepted rows holds. On one day, withdrawal and refusal come before a basis.
 * - Withdrawals and refusals count from every delivery ever landed, so that an extract which has dropped one cannot
 *   bring the person back; a newer consent can. Bases count only from the newest delivery of each feed.
 * - "Not recorded" (K90) is no decision: it does not undo another agency's basis.
 * - Lapsed bases stay on the register with consent to renew: recorded as expired (K93), past the review day that was set
 *   for them, older than `consent_renewal_days` where none was set, or of an unknown day.
 * - Parental responsibility (K04, K05, and the council's K08) is overtaken at 16 or 18; a person's own decision is not.
 */
export async function consentGate(connection: DuckDBConnection, settings: Settings, asOf: string): Promise<void> {
  await run(connection, 'gather decisions', decisionsSql)
  await run(connection, 'judge consent', gateSql, { as_of: asOf, renewal: settings.consent_renewal_days })
}

const decisionsSql = `
create or replace temp table decisions as
with
said as (
    select
        persons.person_id, consents.basis, consents.decision_date, consents.withdrawn_date, consents.refused_date, consents.review_due,
        deliveries.delivered_on, deliveries.feed, deliveries.is_current
    from landing.landed_consents as consents
    join ranked_deliveries as deliveries using (delivery)
    join node_persons as persons
        on persons.feed = deliveries.feed and persons.local_id = consents.local_id
        and deliveries.rank between persons.from_rank and persons.to_rank
    where persons.basis = 'register_consent'
)
select person_id, basis as code, decision_date as decided_on, review_due, delivered_on, feed
from said
where is_current and basis in ('K01', 'K02', 'K03', 'K04', 'K05', 'K06', 'K07', 'K08', 'K93')
union all
select person_id, 'K91' as code, coalesce(withdrawn_date, decision_date, delivered_on) as decided_on, null as review_due, delivered_on, feed
from said
where basis = 'K91' or withdrawn_date is not null
union all
select person_id, 'K92' as code, coalesce(refused_date, decision_date, delivered_on) as decided_on, null as review_due, delivered_on, feed
from said
where basis = 'K92' or refused_date is not null`

const gateSql = `
create or replace temp table gate as
with
known as (
    select person_id, arg_max(date_of_birth, newness) as date_of_birth
    from current_people
    where basis = 'register_consent'
    group by person_id
),
newest as (
    select *
    from decisions
    qualify row_number() over (
        partition by person_id
        order by decided_on desc nulls last, code in ('K91', 'K92') desc, delivered_on desc, feed, code
    ) = 1
),
judged as (
    select
        known.person_id, newest.code, newest.decided_on,
        known.date_of_birth + interval 16 years <= cast($as_of as date) as is_16,
        known.date_of_birth + interval 18 years <= cast($as_of as date) as is_18,
        newest.code = 'K93'
            or newest.decided_on is null
            or coalesce(newest.review_due, newest.decided_on + cast($renewal as integer)) < cast($as_of as date) as is_lapsed
    from known
    left join newest using (person_id)
)
select
    person_id,
    case when code is null then 'K90' when code in ('K91', 'K92') then code end as reason,
    code as consent_basis,
    decided_on as consent_decided_on,
    case
        when code in ('K04', 'K05', 'K08') and is_18 then 'overtaken_18'
        when code in ('K04', 'K08') and is_16 then 'overtaken_16'
        when is_lapsed then 'lapsed'
        else 'valid'
    end as consent_state
from judged`
