import type { DuckDBConnection } from '@duckdb/node-api'
import { readDictionary, type Table } from '../../register/readDictionary.ts'
import type { Settings } from '../../register/settings.ts'
import { quoteName } from '../../store/openDuckDB.ts'
import type { Contract } from '../contract.ts'
import { matchPeople } from '../match/matchPeople.ts'
import { writeLinkQuestions } from '../match/writeLinkQuestions.ts'
import { run } from '../statement.ts'
import { chooseDeliveries } from './chooseDeliveries.ts'
import { consentGate } from './consentGate.ts'
import { countPeople, type RegisterCounts } from './countPeople.ts'
import { findHolding } from './findHolding.ts'
import { findRepeats } from './findRepeats.ts'
import { giveCaseRefs } from './giveCaseRefs.ts'
import { writeDisagreements } from './writeDisagreements.ts'
import { writeFeeds } from './writeFeeds.ts'

export type { RegisterCounts } from './countPeople.ts'

export interface IngestOptions {
  /** Only what was known on this day, yyyy-mm-dd: deliveries landed by then. */
  readonly knownAt?: string
  /** Done when it is known who may be on the register, before any of it is written. */
  readonly afterGate?: () => Promise<void>
}

/**
 * Builds the register (alias `register`) from what each feed says now of each person. Everything is set-based;
 * every row number follows from feed, record and slot, so the same landing gives the same register.
 */
export async function buildRegister(
  connection: DuckDBConnection,
  contracts: readonly Contract[],
  settings: Settings,
  asOf: string,
  options: IngestOptions = {},
): Promise<RegisterCounts> {
  const dictionary = readDictionary()
  await defineMacros(connection)
  await chooseDeliveries(connection, contracts, options.knownAt)
  await findHolding(connection)
  await findRepeats(connection)
  await matchPeople(connection, {
    likeness: settings.link_by_likeness,
    ...(options.knownAt && { knownAt: options.knownAt }),
  })
  await gatherPeople(connection, dictionary)
  await consentGate(connection, settings, asOf)
  await options.afterGate?.()
  await giveCaseRefs(connection)
  await findSources(connection)
  const people = tableOf(dictionary, 'people')
  await writePeople(connection, people)
  for (const table of dictionary.filter((candidate) => candidate.name !== 'people')) await writeRows(connection, table)
  await writeStatutory(connection, tableOf(dictionary, 'admissions'))
  await writeDisagreements(connection, people)
  await writeLinkQuestions(connection, options.knownAt)
  await writeFeeds(connection)
  return countPeople(connection, dictionary)
}

function tableOf(dictionary: readonly Table[], name: string): Table {
  const table = dictionary.find((candidate) => candidate.name === name)
  if (!table) throw new Error(`the dictionary has no table ${name}`)
  return table
}

/** Small functions that the register's SQL is written in. */
async function defineMacros(connection: DuckDBConnection): Promise<void> {
  await run(
    connection,
    'define fold_name',
    `create or replace temp macro fold_name(name) as regexp_replace(lower(strip_accents(coalesce(name, ''))), '[^a-z]', '', 'g')`,
  )
  // Within 53 bits, so that a row number is exact wherever it is read: 8 of the feed, 25 of the record, 20 of the slot.
  await run(
    connection,
    'define number_row',
    `create or replace temp macro number_row(feed_number, record, slot) as feed_number * 35184372088832 + record * 1048576 + slot`,
  )
}

/** SQL joins of a landed table: only what holds of each person, and who that is. */
function joinsOf(rows: string): string {
  return `join holding on holding.delivery = ${rows}.delivery and holding.local_id = ${rows}.local_id
    join feeds on feeds.feed = holding.feed
    join node_persons as persons on persons.feed = holding.owner and persons.local_id = ${rows}.local_id and holding.rank between persons.from_rank and persons.to_rank`
}

/** What the agencies say of people now. `newness` orders a person's records: day of the extract, feed, place in the file. */
async function gatherPeople(connection: DuckDBConnection, dictionary: readonly Table[]): Promise<void> {
  const fields = tableOf(dictionary, 'people').fields.map((field) => `people.${quoteName(field.name)}`)
  await run(
    connection,
    'gather what agencies say of people',
    `create or replace temp table current_people as
    select
        persons.person_id, feeds.feed, feeds.agency_kind as feed_agency, feeds.basis, holding.delivered_on,
        people.record as source_row,
        number_row(feeds.feed_number, holding.record_base + people.record, people.slot) as row_id,
        (holding.delivered_on - date '1900-01-01') * 68719476736 + feeds.feed_number * 268435456 + people.record as newness,
        ${fields.join(', ')}
    from landing.landed_people as people
    ${joinsOf('people')}`,
  )
}

/** The deliveries whose rows are written to the register, with the numbers of their people and who those are. */
async function findSources(connection: DuckDBConnection): Promise<void> {
  await run(
    connection,
    'find the sources of rows',
    `create or replace temp table sources as
    select
        holding.delivery, holding.local_id, persons.person_id, feeds.feed, feeds.agency_kind as feed_agency, feeds.basis,
        holding.delivered_on, feeds.feed_number, holding.record_base
    from holding
    join feeds on feeds.feed = holding.feed
    join node_persons as persons on persons.feed = holding.owner and persons.local_id = holding.local_id and holding.rank between persons.from_rank and persons.to_rank
    join gate on gate.person_id = persons.person_id and gate.reason is null`,
  )
}

/** One row per person with the newest recorded value of each field, and one per agency's record beside it. */
async function writePeople(connection: DuckDBConnection, people: Table): Promise<void> {
  const fields = people.fields.map((field) => quoteName(field.name))
  const columns = ['feed', 'feed_agency', 'delivered_on', 'source_row', ...fields]
  await run(
    connection,
    'take the people past the gate',
    `create or replace temp view register_people as
    select * from current_people
    semi join (from gate where reason is null) as gate using (person_id)
    where basis = 'register_consent'`,
  )
  // Most people have one record, which needs no choosing: that is several times as fast.
  await run(
    connection,
    'find people of several records',
    'create or replace temp table told_often as select person_id from register_people group by person_id having count(*) > 1',
  )
  await run(
    connection,
    'write people',
    `create table register.people as
    select row_id, person_id, ${columns.join(', ')}
    from register_people
    anti join told_often using (person_id)
    union all
    select
        arg_max(row_id, newness) as row_id, person_id,
        ${columns.map((column) => `arg_max(${column}, newness) as ${column}`).join(', ')}
    from register_people
    semi join told_often using (person_id)
    group by person_id`,
  )
  // A long file gives a person several records; the last of them is what the agency says.
  await run(
    connection,
    'write records of agencies',
    `create table register.agency_records as
    select row_id, person_id, ${columns.join(', ')}
    from register_people
    anti join (
        select feed, local_id, source_row
        from current_people
        semi join told_often using (person_id)
        qualify source_row < max(source_row) over (partition by feed, local_id)
    ) as earlier using (feed, local_id, source_row)`,
  )
  await run(
    connection,
    'write persons',
    `create table register.persons as
    select people.person_id, refs.case_ref, people.nhs_number, gate.consent_basis, gate.consent_state, gate.consent_decided_on, gate.grace_ends_on
    from register.people as people
    join gate using (person_id)
    join person_refs as refs using (person_id)`,
  )
}

/** A commissioning feed adds only admissions to a person of the register: what it is sent for. */
async function writeRows(connection: DuckDBConnection, table: Table): Promise<void> {
  const fields = table.fields.map((field) => `landed.${quoteName(field.name)}`)
  await run(
    connection,
    `write ${table.name}`,
    `create table register.${table.name} as
    select
        number_row(sources.feed_number, sources.record_base + landed.record, landed.slot) as row_id, sources.person_id,
        sources.feed, sources.feed_agency, sources.delivered_on, landed.record as source_row,
        ${fields.join(', ')}
    from landing.landed_${table.name} as landed
    join sources on sources.delivery = landed.delivery and sources.local_id = landed.local_id
    where ${table.name === 'admissions' ? 'true' : `sources.basis = 'register_consent'`}`,
  )
}

/**
 * People known only to a commissioning feed: their admissions and what is needed to count them, without a name or a case
 * reference. A person whom the gate keeps off the register is not among them: the register knew that person.
 */
async function writeStatutory(connection: DuckDBConnection, admissions: Table): Promise<void> {
  const fields = admissions.fields.map((field) => `landed.${quoteName(field.name)}`)
  const personFields = [
    'nhs_number',
    'date_of_birth',
    'sex_code',
    'ld_status',
    'autism_status',
    'responsible_icb_ods',
    'residence_utla_gss',
    'lsoa21',
  ]
  await run(
    connection,
    'write statutory admissions',
    `create table register.statutory_admissions as
    with
    only_statutory as (
        select person_id, ${personFields.map((field) => `arg_max(${field}, newness) as ${field}`).join(', ')}
        from current_people
        anti join gate using (person_id)
        where basis = 'inpatient_commissioning'
        group by person_id
    )
    select
        number_row(feeds.feed_number, holding.record_base + landed.record, landed.slot) as row_id, persons.person_id,
        feeds.feed, feeds.agency_kind as feed_agency, holding.delivered_on, landed.record as source_row,
        ${personFields.map((field) => `only_statutory.${field}`).join(', ')},
        ${fields.join(', ')}
    from landing.landed_admissions as landed
    ${joinsOf('landed')}
    join only_statutory on only_statutory.person_id = persons.person_id
    where feeds.basis = 'inpatient_commissioning'`,
  )
}
