import type { DuckDBConnection } from '@duckdb/node-api'
import type { Table } from '../../register/readDictionary.ts'
import { quoteName, quoteText } from '../../store/openDuckDB.ts'
import { run } from '../statement.ts'

/** Fields on which agencies are compared: facts about the person, not their own numbers, words or arrangements. */
const compared: ReadonlySet<string> = new Set([
  'nhs_number',
  'family_name',
  'given_name',
  'date_of_birth',
  'sex_code',
  'ethnic_code',
  'address_lines',
  'postcode',
  'gp_ods',
  'ld_status',
  'autism_status',
  'responsible_icb_ods',
  'responsible_utla_gss',
  'deceased_date',
])

/**
 * Where agencies say different things of one person: a row for each agency's value, `is_used` where the register takes it.
 * It takes the newest recorded value, of ratings the one with the newest start, of consent the newest decision (as the gate
 * has judged), and keeps them all; agencies that say the same used value are all marked. Capitals make no difference;
 * accents and hyphens do, for a letter bears the name as it is written. Needs `told_often`: whoever has several records.
 */
export async function writeDisagreements(connection: DuckDBConnection, people: Table): Promise<void> {
  const ofFields = people.fields
    .filter((field) => compared.has(field.name))
    .map((field) => {
      const column = quoteName(field.name)
      return `
    select
        records.person_id, ${quoteText(field.name)} as field, records.feed, cast(records.${column} as varchar) as value,
        cast(people.${column} as varchar) as used, records.delivered_on as recorded_on
    from register.agency_records as records
    semi join told_often using (person_id)
    join register.people as people using (person_id)
    where records.${column} is not null`
    })
  await run(
    connection,
    'write disagreements',
    `create table register.disagreements as
    with
    said as (${[...ofFields, ofRatings, ofConsent].join('\n union all ')})
    select person_id, field, feed, value, recorded_on, lower(trim(value)) is not distinct from lower(trim(used)) as is_used
    from said
    semi join (
        select person_id, field from said group by person_id, field having count(distinct lower(trim(value))) > 1
    ) as differing using (person_id, field)`,
  )
}

const ofRatings = `
    select
        newest.person_id, 'rating' as field, newest.feed, newest.rating as value,
        first_value(newest.rating) over (partition by newest.person_id order by newest.effective_from desc nulls last, newest.row_id desc) as used,
        newest.effective_from as recorded_on
    from (
        select person_id, feed, arg_max(rating, (effective_from, row_id)) as rating, max(effective_from) as effective_from, arg_max(row_id, (effective_from, row_id)) as row_id
        from register.ratings
        semi join (select person_id from register.ratings group by person_id having min(feed) <> max(feed)) as several using (person_id)
        group by person_id, feed
    ) as newest`

const ofConsent = `
    select
        decisions.person_id, 'consent' as field, decisions.feed,
        arg_max(decisions.code, (decisions.decided_on, decisions.code in ('K91', 'K92'), decisions.delivered_on, decisions.code)) as value,
        any_value(gate.consent_basis) as used, max(decisions.decided_on) as recorded_on
    from decisions
    join gate on gate.person_id = decisions.person_id and gate.reason is null
    where decisions.feed <> ''
    group by decisions.person_id, decisions.feed`
