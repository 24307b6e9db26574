// Measures one folder: makes a register of made-up people with twelve reviews each, then times in turns
//   bare    HMAC of the NHS number of every row, nothing written: the expression and no more
//   written the same, with the columns that cross, written to a new table: what any way of doing it has to write
//   ours    pseudonyms of everyone, then people and reviews treated and written
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { makePseudonyms } from '../../../dist/pseudonymise/makePseudonyms.js'
import { loadPlaces } from '../../../dist/pseudonymise/places.js'
import { treatedTableSql } from '../../../dist/pseudonymise/treatedTableSql.js'
import { pseudonymisedTables } from '../../../dist/register/pseudonymisedColumns.js'
import { duckdbType, readDictionary } from '../../../dist/register/readDictionary.js'
import { bindHmacKey, hmacSql } from '../../../dist/store/hmac.js'
import { firstGeneration } from '../../../dist/store/keys.js'
import { makeTempDirectory, openDuckDB } from '../../../dist/store/openDuckDB.js'

const [folder, people, runs] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])]
const reviewsEach = 12
const rows = people * (1 + reviewsEach)
const key = Buffer.alloc(32, 1)
const dictionary = readDictionary()
const tables = pseudonymisedTables(dictionary).filter(({ name }) => ['people', 'reviews'].includes(name))

const origin = [
  ['row_id', 'bigint'],
  ['person_id', 'varchar'],
  ['feed', 'varchar'],
  ['feed_agency', 'varchar'],
  ['delivered_on', 'date'],
  ['source_row', 'bigint'],
]

/** Every column of a table, those that are not given null. */
function columnsSql(table, given) {
  const fields = dictionary.find(({ name }) => name === table).fields.map((field) => [field.name, duckdbType(field)])
  return [...origin, ...fields]
    .map(([name, type]) => `cast(${given[name] ?? 'null'} as ${type}) as "${name}"`)
    .join(', ')
}

const common = { feed: `'council'`, feed_agency: `'A02'`, delivered_on: `date '2026-10-30'` }
// The 999 range holds some 909,000 numbers whose check digit fits; of a million people the rest have none, as it is in life.
const numbers = `select n as nhs_number, row_number() over (order by n) as position
  from range(9990000000, 10000000000) as all_numbers(n)
  where (11 - list_sum([((n // cast(pow(10, 10 - i) as bigint)) % 10) * (11 - i) for i in range(1, 10)]) % 11) % 11 = n % 10
    and n <> 9999999999 limit ${people}`

async function makeRegister(connection) {
  const statements = [
    `create temp table numbers as ${numbers}`,
    `create table register.main.persons as
    select 'person' || position as person_id, cast(nhs_number as varchar) as nhs_number,
      'valid' as consent_state, cast(null as date) as grace_ends_on
    from range(1, ${people} + 1) as everyone(position) left join numbers using (position)`,
    'create table register.main.statutory_admissions as select person_id, nhs_number from register.main.persons where false',
    `create table register.main.people as select ${columnsSql('people', {
      ...common,
      row_id: 'row_number() over ()',
      person_id: 'person_id',
      nhs_number: 'nhs_number',
      date_of_birth: `date '1960-01-01' + cast(hash(person_id) % 20000 as integer)`,
      sex_code: `'1'`,
      lsoa21: `'E01007317'`,
    })} from register.main.persons`,
    `create table register.main.reviews as select ${columnsSql('reviews', {
      ...common,
      row_id: 'row_number() over ()',
      person_id: 'person_id',
      held_on: `date '2023-01-01' + cast(hash(person_id || n) % 1300 as integer)`,
      kind: `'dsr'`,
      summary: `'Reviewed with the family; nothing new since last time.'`,
    })} from register.main.persons, range(${reviewsEach}) as visits(n)`,
    `set variable as_of = '2026-11-01'`,
    // What the bare expression is given for nothing: the number beside each row.
    `create table register.main.bare as
    select coalesce(persons.nhs_number, person_id) as nhs_number, reviews.row_id, reviews.feed, reviews.feed_agency, reviews.delivered_on, reviews.held_on, reviews.kind,
      reviews.next_due_stated
    from register.main.reviews as reviews join register.main.persons as persons using (person_id)
    union all select coalesce(nhs_number, person_id), null, null, null, null, null, null, null from register.main.persons`,
    'checkpoint register',
  ]
  for (const statement of statements) await connection.run(statement)
  await loadPlaces(connection, join(folder, 'reference'))
  const [counted] = (
    await connection.runAndReadAll(
      'select count(*)::integer as found, count(nhs_number)::integer as numbers, count(distinct nhs_number)::integer as different from register.main.persons',
    )
  ).getRowObjects()
  if (counted.found !== people || counted.numbers !== counted.different)
    throw new Error('not as many people as asked for')
  return counted
}

/** Seconds by the clock, and seconds of both processors: the second hardly feel what else the machine is doing. */
async function timed(work) {
  const started = performance.now()
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return { clock: (performance.now() - started) / 1000, cpu: (user + system) / 1e6 }
}

/** Each try writes a file of its own, as a run does. */
async function withWarehouse(connection, work) {
  const path = join(folder, 'warehouse.duckdb')
  await connection.run(`attach '${path}' as warehouse (storage_version 'v1.4.0')`)
  await connection.run('create schema warehouse.register')
  const taken = await timed(async () => {
    await work()
    await connection.run('checkpoint warehouse')
  })
  await connection.run('detach warehouse')
  rmSync(path)
  return taken
}

const database = await openDuckDB({
  attach: [{ path: join(folder, 'register.duckdb'), alias: 'register', key }],
  extensions: ['httpfs'],
  tempDirectory: makeTempDirectory(join(folder, 'spill')),
})
const { connection } = database
const counted = await makeRegister(connection)
await bindHmacKey(connection, 'bare', key)
const expression = `'p1_' || left(${hmacSql('bare', `'dsr/pseudonym/v1|' || nhs_number`)}, 32)`

const seconds = { bare: [], written: [], ours: [] }
for (let run = 0; run < runs; run++) {
  seconds.bare.push(
    await timed(() => connection.runAndReadAll(`select max(${expression}) as newest from register.main.bare`)),
  )
  seconds.written.push(
    await withWarehouse(connection, () =>
      connection.run(
        `create table warehouse.register.bare as select ${expression} as pseudonym, * exclude (nhs_number) from register.main.bare`,
      ),
    ),
  )
  seconds.ours.push(
    await withWarehouse(connection, async () => {
      const { withoutNumber } = await makePseudonyms(connection, key, firstGeneration)
      if (withoutNumber !== people - counted.numbers) throw new Error('a made-up number is not valid')
      for (const table of tables) await connection.run(treatedTableSql(table, dictionary))
    }),
  )
}
database.close()

const best = (name, kind) => Math.min(...seconds[name].map((run) => run[kind]))
const line = (name, words) => {
  const [clock, cpu] = [best(name, 'clock'), best(name, 'cpu')]
  const rate = (rows / clock / 1e6).toFixed(2)
  console.log(
    `${words.padEnd(52)} ${clock.toFixed(1).padStart(6)} s ${rate} M rows/s, ${cpu.toFixed(1)} s of processors`,
  )
}
const ratio = (name, kind) => (best(name, kind) / best('ours', kind)).toFixed(2)
console.log(`pseudonymising ${rows.toLocaleString('en-GB')} rows of ${people.toLocaleString('en-GB')} people`)
line('bare', 'bare expression, nothing written')
line('written', 'bare expression, its rows written')
line('ours', 'pseudonyms, treatments, people and reviews written')
for (const [name, words] of [
  ['bare', 'bare expression'],
  ['written', 'bare expression and its rows written'],
])
  console.log(`our rate / ${words}: ${ratio(name, 'clock')} by the clock, ${ratio(name, 'cpu')} by processors`)
