import type { DuckDBConnection } from '@duckdb/node-api'
import { run } from '../statement.ts'
import { questionSql } from './askAboutLinks.ts'

/**
 * Writes the open questions (`link_questions`) and the joins by likeness (`link_joins`) into the register. Needs `gate`.
 *
 * Of two records that may be one person, one on the register and the other kept off it:
 * - where the other was never decided on, nothing is written: nothing of such a person may be on the register;
 * - where it refused (kind `refused`), the team is asked, for the refusal may be the first one's too;
 * - where it withdrew (kind `withdrawn`), a warning stays in landing when its rows are gone. It names the record that is left,
 *   and of the other the agency and the day only. The team answers by `dsr withdraw`, or parts the two.
 * @param knownAt - yyyy-mm-dd: the register as it was known on a day; nothing is kept in landing then
 */
export async function writeLinkQuestions(connection: DuckDBConnection, knownAt?: string): Promise<void> {
  await run(
    connection,
    'see whom the gate lets through',
    `create or replace temp table gated_questions as
    select
        questions.*, one.reason as one_reason, other.reason as other_reason,
        one.consent_decided_on as one_decided_on, other.consent_decided_on as other_decided_on
    from link_questions as questions
    left join gate as one on one.person_id = questions.one_person_id
    left join gate as other on other.person_id = questions.other_person_id`,
  )
  await run(connection, 'prepare warnings', warningsTable)
  if (knownAt === undefined) await run(connection, 'keep warnings', keepWarnings)
  await run(
    connection,
    'write questions about links',
    `create table register.link_questions as
    with
    warned as (
        select
            ${questionSql('warnings.one_feed', 'warnings.one_local_id', 'warnings.other_feed', 'warnings.other_local_id')} as question,
            'withdrawn' as kind, warnings.one_feed, warnings.one_local_id, persons.person_id as one_person_id,
            warnings.other_feed, warnings.other_local_id, cast(null as varchar) as other_person_id,
            warnings.weight, warnings.agrees, warnings.differs, warnings.asked_since
        from landing.link_warnings as warnings
        join node_persons as persons
            on persons.feed = warnings.one_feed and persons.local_id = warnings.one_local_id and persons.is_current
        anti join landing.link_decisions as decisions
            on decisions.one_feed = warnings.one_feed and decisions.one_local_id = warnings.one_local_id
            and decisions.other_feed = warnings.other_feed and decisions.other_local_id = warnings.other_local_id
            and (cast($known_at as varchar) is null or decisions.decided_on <= cast($known_at as date))
        anti join (select person_id from gate where reason is not null) as off on off.person_id = persons.person_id
        where cast($known_at as varchar) is null or warnings.asked_since <= cast($known_at as date)
    ),
    asked as (
        select
            * exclude (kind, one_reason, other_reason, one_decided_on, other_decided_on),
            case when one_reason is null and other_reason is null then kind else 'refused' end as kind
        from gated_questions
        where kind <> 'joined'
            and ((one_reason is null and coalesce(other_reason = 'K92', true)) or (one_reason = 'K92' and other_reason is null))
    )
    select * from asked
    union all by name
    select * from warned
    order by question`,
    { known_at: knownAt ?? null },
  )
  await run(
    connection,
    'write joins by likeness',
    `create table register.link_joins as
    select * exclude (one_reason, other_reason, one_decided_on, other_decided_on)
    from gated_questions
    where kind = 'joined' and one_reason is null and other_reason is null
    order by question`,
  )
}

const warningsTable = `create table if not exists landing.link_warnings (
    one_feed varchar not null, one_local_id varchar not null, other_feed varchar not null, other_local_id varchar not null,
    weight double, agrees varchar not null, differs varchar not null, asked_since date not null
)`

const columns = ['one_feed', 'one_local_id', 'other_feed', 'other_local_id']

const keepWarnings = `
    insert into landing.link_warnings
    with
    leaving as (
        select one_feed, one_local_id, other_feed, other_decided_on as withdrawn_on, weight, agrees, differs, asked_since
        from gated_questions
        where kind <> 'joined' and one_reason is null and other_reason = 'K91'
        union all
        select other_feed, other_local_id, one_feed, one_decided_on, weight, agrees, differs, asked_since
        from gated_questions
        where kind <> 'joined' and other_reason is null and one_reason = 'K91'
    ),
    named as (
        select
            one_feed, one_local_id, other_feed, 'withdrawn ' || cast(withdrawn_on as varchar) as other_local_id,
            max(weight) as weight, arg_max(agrees, weight) as agrees, arg_max(differs, weight) as differs,
            greatest(min(asked_since), withdrawn_on) as asked_since
        from leaving
        group by one_feed, one_local_id, other_feed, withdrawn_on
    )
    from named
    anti join landing.link_warnings as known using (${columns.join(', ')})`
