import type { DuckDBConnection } from '@duckdb/node-api'
import { readDictionary, type Table } from '../../register/readDictionary.ts'
import type { Settings } from '../../register/settings.ts'
import { quoteName } from '../../store/openDuckDB.ts'
import type { Contract } from '../contract.ts'
import { numberIn, query, run, textIn } from '../statement.ts'
import { consentGate } from './consentGate.ts'
import { giveCaseRefs } from './giveCaseRefs.ts'
import { matchPeople } from './matchPeople.ts'
import { writeDisagreements } from './writeDisagreements.ts'

export interface RegisterCounts {
  /** People past the consent gate. */
  readonly people: number
  /** People kept off the register, by reason. */
  readonly excluded: Readonly<Record<string, number>>
  /** People known only to a commissioning feed. */
  readonly statutoryOnly: number
  /** Accepted rows that wait for their person, whose own row is in quarantine. */
  readonly waitingRows: number
}

/**
 * Builds the register (alias `register`) from the newest delivery of each feed in landing. Everything is set-based;
 * every row number follows from feed, record and slot, so the same landing gives the same register.
 */
export async function buildRegister(
  connection: DuckDBConnection,
  contracts: readonly Contract[],
  settings: Settings,
  asOf: string,
): Promise<RegisterCounts> {
  const dictionary = readDictionary()
  await chooseDeliveries(connection, contracts)
  await matchPeople(connection)
  await gatherPeople(connection, dictionary)
  await consentGate(connection, settings, asOf)
  await giveCaseRefs(connection)
  const people = tableOf(dictionary, 'people')
  await writePeople(connection, people)
  for (const table of dictionary.filter((candidate) => candidate.name !== 'people')) await writeRows(connection, table)
  await writeStatutory(connection, tableOf(dictionary, 'admissions'))
  await writeDisagreements(connection, people)
  await writeFeeds(connection)
  return countPeople(connection, dictionary)
}

function tableOf(dictionary: readonly Table[], name: string): Table {
  const table = dictionary.find((candidate) => candidate.name === name)
  if (!table) throw new Error(`the dictionary has no table ${name}`)
  return table
}

/** The newest delivery of a feed is what it says now: by the day of the extract, then by the order of landing. */
async function chooseDeliveries(connection: DuckDBConnection, contracts: readonly Contract[]): Promise<void> {
  const feeds = [...contracts]
    .sort((a, b) => (a.feed < b.feed ? -1 : 1))
    .map((contract, index) => ({
      feed: contract.feed,
      feed_number: index,
      agency_name: contract.agency.name,
      agency_kind: contract.agency.kind,
      basis: contract.basis,
    }))
  await run(
    connection,
    'list feeds',
    `create or replace temp table feeds as
    select unnest(from_json($feeds, '[{"feed": "varchar", "feed_number": "bigint", "agency_name": "varchar", "agency_kind": "varchar", "basis": "varchar"}]'), recursive := true)`,
    { feeds: JSON.stringify(feeds) },
  )
  await run(
    connection,
    'choose deliveries',
    `create or replace temp table ranked_deliveries as
    select
        deliveries.delivery, deliveries.feed, deliveries.delivered_on,
        row_number() over (order by deliveries.delivered_on, deliveries.sequence) as rank,
        row_number() over (partition by deliveries.feed order by deliveries.delivered_on desc, deliveries.sequence desc) = 1 as is_current
    from landing.deliveries as deliveries
    join feeds using (feed)`,
  )
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

/** What the agencies say of people now. `newness` orders a person's records: day of the extract, feed, place in the file. */
async function gatherPeople(connection: DuckDBConnection, dictionary: readonly Table[]): Promise<void> {
  const fields = tableOf(dictionary, 'people').fields.map((field) => `people.${quoteName(field.name)}`)
  await run(
    connection,
    'gather what agencies say of people',
    `create or replace temp table current_people as
    select
        persons.person_id, feeds.feed, feeds.agency_kind as feed_agency, feeds.basis, deliveries.delivered_on,
        people.record as source_row,
        number_row(feeds.feed_number, people.record, people.slot) as row_id,
        (deliveries.delivered_on - date '1900-01-01') * 68719476736 + feeds.feed_number * 268435456 + people.record as newness,
        ${fields.join(', ')}
    from landing.landed_people as people
    join ranked_deliveries as deliveries on deliveries.delivery = people.delivery and deliveries.is_current
    join feeds on feeds.feed = deliveries.feed
    join node_persons as persons on persons.feed = deliveries.feed and persons.local_id = people.local_id and persons.is_current`,
  )
}

/** One row per person with the newest recorded value of each field, and one per agency's record beside it. */
async function writePeople(connection: DuckDBConnection, people: Table): Promise<void> {
  const fields = people.fields.map((field) => quoteName(field.name))
  const newest = (column: string): string => `arg_max(${column}, newness) as ${column}`
  await run(
    connection,
    'write people',
    `create table register.people as
    select
        arg_max(row_id, newness) as row_id, person_id, ${['feed', 'feed_agency', 'delivered_on', 'source_row'].map(newest).join(', ')},
        ${fields.map(newest).join(', ')}
    from current_people
    semi join (from gate where reason is null) as gate using (person_id)
    where basis = 'register_consent'
    group by person_id`,
  )
  // A long file gives a person several records; the last of them is what the agency says.
  await run(
    connection,
    'write records of agencies',
    `create table register.agency_records as
    select row_id, person_id, feed, feed_agency, delivered_on, source_row, ${fields.join(', ')}
    from current_people
    semi join (from gate where reason is null) as gate using (person_id)
    semi join (select feed, local_id, max(source_row) as source_row from current_people group by feed, local_id) as last using (feed, local_id, source_row)
    where basis = 'register_consent'`,
  )
  await run(
    connection,
    'write persons',
    `create table register.persons as
    select people.person_id, refs.case_ref, people.nhs_number, gate.consent_basis, gate.consent_state, gate.consent_decided_on
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
        number_row(feeds.feed_number, landed.record, landed.slot) as row_id, persons.person_id,
        feeds.feed, feeds.agency_kind as feed_agency, deliveries.delivered_on, landed.record as source_row,
        ${fields.join(', ')}
    from landing.landed_${table.name} as landed
    join ranked_deliveries as deliveries on deliveries.delivery = landed.delivery and deliveries.is_current
    join feeds on feeds.feed = deliveries.feed
    join node_persons as persons on persons.feed = deliveries.feed and persons.local_id = landed.local_id and persons.is_current
    join gate on gate.person_id = persons.person_id and gate.reason is null
    where ${table.name === 'admissions' ? 'true' : `feeds.basis = 'register_consent'`}`,
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
        number_row(feeds.feed_number, landed.record, landed.slot) as row_id, persons.person_id,
        feeds.feed, feeds.agency_kind as feed_agency, deliveries.delivered_on, landed.record as source_row,
        ${personFields.map((field) => `only_statutory.${field}`).join(', ')},
        ${fields.join(', ')}
    from landing.landed_admissions as landed
    join ranked_deliveries as deliveries on deliveries.delivery = landed.delivery and deliveries.is_current
    join feeds on feeds.feed = deliveries.feed and feeds.basis = 'inpatient_commissioning'
    join node_persons as persons on persons.feed = deliveries.feed and persons.local_id = landed.local_id and persons.is_current
    join only_statutory on only_statutory.person_id = persons.person_id`,
  )
}

/** How each agency's newest extract fared; a feed that has sent nothing has a row too, so that its silence is seen. */
async function writeFeeds(connection: DuckDBConnection): Promise<void> {
  await run(
    connection,
    'write feeds',
    `create table register.feeds as
    with
    tallied as (
        select
            deliveries.feed, deliveries.delivered_on,
            sum(tallies.rows_read) as rows_read, sum(tallies.rows_accepted) as rows_accepted,
            sum(tallies.rows_quarantined) as rows_quarantined, sum(tallies.rows_duplicate) as rows_duplicate
        from ranked_deliveries as deliveries
        join landing.tallies as tallies using (delivery)
        where deliveries.is_current
        group by deliveries.feed, deliveries.delivered_on
    )
    select
        feeds.feed, feeds.agency_name, feeds.agency_kind, feeds.basis, tallied.delivered_on,
        cast(coalesce(tallied.rows_read, 0) as bigint) as rows_read,
        cast(coalesce(tallied.rows_accepted, 0) as bigint) as rows_accepted,
        cast(coalesce(tallied.rows_quarantined, 0) as bigint) as rows_quarantined,
        cast(coalesce(tallied.rows_duplicate, 0) as bigint) as rows_duplicate
    from feeds
    left join tallied using (feed)`,
  )
  await run(
    connection,
    'write quarantine counts',
    `create table register.quarantine_counts as
    select deliveries.feed, faults.code, count(distinct (faults.sheet, faults.record)) as rows
    from landing.faults as faults
    join ranked_deliveries as deliveries on deliveries.delivery = faults.delivery and deliveries.is_current
    join landing.quarantine as quarantine
        on quarantine.delivery = faults.delivery and quarantine.sheet = faults.sheet and quarantine.record = faults.record
    where faults.severity = 'reject' and quarantine.verdict = 'quarantined'
    group by deliveries.feed, faults.code`,
  )
  await run(
    connection,
    'write exclusions',
    `create table register.exclusions as
    select reasons.reason, count(gate.person_id) as people
    from (select unnest(['K90', 'K91', 'K92', 'K93']) as reason) as reasons
    left join gate using (reason)
    group by reasons.reason`,
  )
}

async function countPeople(connection: DuckDBConnection, dictionary: readonly Table[]): Promise<RegisterCounts> {
  const waiting = dictionary
    .filter((table) => table.name !== 'people')
    .map(
      (table) => `(select count(*) from landing.landed_${table.name} as landed
        join ranked_deliveries as deliveries on deliveries.delivery = landed.delivery and deliveries.is_current
        anti join node_persons as persons on persons.feed = deliveries.feed and persons.local_id = landed.local_id)`,
    )
  const [row] = await query(
    connection,
    'count people',
    `select
        (select count(*) from register.persons) as people,
        (select count(distinct person_id) from register.statutory_admissions) as statutory_only,
        ${waiting.join(' + ')} as waiting_rows`,
  )
  const exclusions = await query(
    connection,
    'count exclusions',
    'select reason, people from register.exclusions order by reason',
  )
  return {
    people: numberIn(row, 'people'),
    excluded: Object.fromEntries(exclusions.map((one) => [textIn(one, 'reason'), numberIn(one, 'people')])),
    statutoryOnly: numberIn(row, 'statutory_only'),
    waitingRows: numberIn(row, 'waiting_rows'),
  }
}
