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
  'postcode',
  'gp_ods',
  'ld_status',
  'autism_status',
  'responsible_icb_ods',
  'responsible_utla_gss',
  'deceased_date',
])

/**
 * Where agencies say different things of one person: a row for each agency's value. The register uses the newest value
 * and keeps them all. Names are compared without accents, capitals and marks; a rating is the one with the latest start.
 */
export async function writeDisagreements(connection: DuckDBConnection, people: Table): Promise<void> {
  const ofFields = people.fields
    .filter((field) => compared.has(field.name))
    .map((field) => {
      const column = quoteName(field.name)
      const alike = field.name.endsWith('_name') ? `fold_name(${column})` : column
      return `select person_id, ${quoteText(field.name)} as field, feed, cast(${column} as varchar) as value, cast(${alike} as varchar) as alike, delivered_on as recorded_on
      from register.agency_records where ${column} is not null`
    })
  const ofRatings = `
    select person_id, 'rating' as field, feed, arg_max(rating, (effective_from, row_id)) as value, arg_max(rating, (effective_from, row_id)) as alike, max(effective_from) as recorded_on
    from register.ratings
    group by person_id, feed`
  await run(
    connection,
    'write disagreements',
    `create table register.disagreements as
    with
    said as (${[...ofFields, ofRatings].join('\n union all ')})
    select person_id, field, feed, value, recorded_on
    from said
    semi join (select person_id, field from said group by person_id, field having count(distinct alike) > 1) as differing using (person_id, field)`,
  )
}
