import type { DuckDBConnection } from '@duckdb/node-api'
import { matchPeople, type MatchOptions } from '../../ingest/match/matchPeople.ts'
import type { LinkDecision } from '../../ingest/match/linkDecisions.ts'
import { openDuckDB } from '../../store/openDuckDB.ts'

/** One record that an agency holds; what is left out is not recorded. */
export interface TestRecord {
  readonly feed: string
  readonly local_id: string
  readonly nhs_number?: string
  readonly family_name?: string
  readonly given_name?: string
  readonly date_of_birth?: string
  readonly sex_code?: string
  readonly postcode?: string
  readonly address_lines?: string
}

export interface TestDecision {
  /** feed and local id of both records. */
  readonly records: readonly [readonly [string, string], readonly [string, string]]
  readonly decision: LinkDecision
  readonly decided_on?: string
}

export interface Matched {
  /** Local ids of each person, sorted; the people sorted too. */
  readonly people: readonly (readonly string[])[]
  /** Person id by local id. */
  readonly personIds: Readonly<Record<string, string>>
  readonly questions: readonly Readonly<Record<string, unknown>>[]
}

const landed =
  'delivery varchar, record bigint, local_id varchar, nhs_number varchar, family_name varchar, given_name varchar, date_of_birth date, sex_code varchar, postcode varchar, address_lines varchar'

/** Matches records as a run does, without files: each feed has one delivery, all of one day but for `days`. */
export async function matchRecords(
  records: readonly TestRecord[],
  decisions: readonly TestDecision[] = [],
  options: MatchOptions = {},
  days: Readonly<Record<string, string>> = {},
): Promise<Matched> {
  const database = await openDuckDB({ attach: [] })
  const { connection } = database
  try {
    await makeTables(connection)
    const feeds = [...new Set(records.map(({ feed }) => feed))].sort(
      (a, b) => (days[a] ?? '').localeCompare(days[b] ?? '') || (a < b ? -1 : 1),
    )
    for (const [index, feed] of feeds.entries()) {
      const values = { feed, day: days[feed] ?? '2026-10-30', rank: index + 1 }
      await connection.run('insert into landing.deliveries values ($feed, $feed)', { feed })
      await connection.run(`insert into feeds values ($feed, 'register_consent')`, { feed })
      await connection.run(
        'insert into ranked_deliveries values ($feed, $feed, $feed, cast($day as date), $rank, true)',
        values,
      )
    }
    for (const [index, record] of records.entries()) await insertRecord(connection, record, index + 1)
    for (const decision of decisions) await insertDecision(connection, decision)
    await matchPeople(connection, options)
    return await readMatched(connection)
  } finally {
    database.close()
  }
}

async function makeTables(connection: DuckDBConnection): Promise<void> {
  const statements = [
    `attach ':memory:' as landing`,
    `create table landing.landed_people (${landed})`,
    'create table landing.heard (delivery varchar, record bigint, local_id varchar, nhs_number varchar, family_name varchar, given_name varchar, date_of_birth date, postcode varchar, code varchar, decided_on date)',
    'create table landing.deliveries (delivery varchar, feed varchar)',
    'create temp table feeds (feed varchar, basis varchar)',
    'create temp table ranked_deliveries (delivery varchar, feed varchar, owner varchar, delivered_on date, rank bigint, is_current boolean)',
    `create temp macro fold_name(name) as regexp_replace(lower(strip_accents(coalesce(name, ''))), '[^a-z]', '', 'g')`,
    `create table landing.link_decisions (decided_on date, decided_at timestamp, one_feed varchar, one_local_id varchar, other_feed varchar, other_local_id varchar, decision varchar, "by" varchar, reason varchar)`,
  ]
  for (const statement of statements) await connection.run(statement)
}

async function insertRecord(connection: DuckDBConnection, record: TestRecord, index: number): Promise<void> {
  const { feed, ...fields } = record
  const names = Object.keys(fields)
  await connection.run(
    `insert into landing.landed_people (delivery, record, ${names.join(', ')}) values ($feed, $index, ${names.map((name) => (name === 'date_of_birth' ? 'cast($date_of_birth as date)' : `$${name}`)).join(', ')})`,
    { feed, index, ...fields },
  )
}

let moment = 0
async function insertDecision(connection: DuckDBConnection, decision: TestDecision): Promise<void> {
  const [[one_feed, one_local_id], [other_feed, other_local_id]] = decision.records
  await connection.run(
    `insert into landing.link_decisions values (cast($day as date), timestamp '2026-11-01' + to_seconds($moment), $one_feed, $one_local_id, $other_feed, $other_local_id, $decision, 'A tester', 'A reason to test')`,
    {
      day: decision.decided_on ?? '2026-11-01',
      moment: moment++,
      one_feed,
      one_local_id,
      other_feed,
      other_local_id,
      decision: decision.decision,
    },
  )
}

async function readMatched(connection: DuckDBConnection): Promise<Matched> {
  const rows = (
    await connection.runAndReadAll('select local_id, person_id from node_persons order by local_id')
  ).getRowObjectsJson() as { local_id: string; person_id: string }[]
  const people = new Map<string, string[]>()
  for (const { local_id, person_id } of rows) people.set(person_id, [...(people.get(person_id) ?? []), local_id])
  return {
    people: [...people.values()].sort((a, b) => (a.join() < b.join() ? -1 : 1)),
    personIds: Object.fromEntries(rows.map(({ local_id, person_id }) => [local_id, person_id])),
    questions: (
      await connection.runAndReadAll(
        `select * exclude (one_person_id, other_person_id) from link_questions where kind <> 'joined' order by one_local_id, other_local_id`,
      )
    ).getRowObjectsJson(),
  }
}
