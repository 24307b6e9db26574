import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openDuckDB } from '../../store/openDuckDB.ts'
import { readInputs } from '../../pipeline/fingerprint.ts'
import { untilReady } from '../servers/findServer.ts'
import { startPostgres, type PostgresServer } from '../servers/startPostgres.ts'
import { makeDeployment, type TestDeployment } from './deployment.ts'

const password = "made up 'password' \\ of a test"

const contract = `
feed: hull
agency: { name: Hull register (made up), kind: A02 }
basis: register_consent
from: { postgres: { connection_file: secrets/hull.pg } }
delivered_on: { arrival: true }
read: { format: postgres }
ignore: [internal]
tables:
  people:
    sheet: care.people
    fields:
      local_id: id
      nhs_number: nhs
      family_name: family
      given_name: given
      date_of_birth: born
      postcode: address.postcode
      other_diagnoses: tags
  consents:
    sheet: care.people
    fields: { basis: { column: consent, codes: { 'true': K01, 'false': K92 } }, decision_date: consented }
  issues:
    sheet: care.people
    each: issues
    fields: { theme_code: { column: part, codes: { home: T01, school: T02 } } }
  reviews:
    sheet: care.current reviews
    fields: { local_id: person, held_on: held_at, kind: { value: dsr }, summary: note }
`

const schema = `
drop schema if exists care cascade;
drop role if exists reader;
create schema care;
create table care.people (
  id integer primary key, nhs bigint, family text, given text, born date, address jsonb, consent boolean, consented date,
  issues text[], tags text[], internal text);
create table care.reviews (person integer, held_at timestamptz, note text, version integer);
create view care."current reviews" as select person, held_at, note from care.reviews where version = 1;
insert into care.people values
  (7, 9990000018, 'Marsh', 'Ada', '1990-01-05', '{"postcode": "HU21 1AA"}', true, '2026-06-01', '{home,school}', '{asthma,"two words"}', 'secret word'),
  (11, 9990000026, 'O''Neill', 'Ben', '1985-12-31', null, true, '2026-06-01', null, null, null),
  (4711, 1234567890, 'Quill', 'Cy', '1970-03-03', '{"postcode": null}', true, '2026-06-01', '{}', '{}', null);
insert into care.reviews values
  (7, '2026-09-01 23:30:00+00', E'Settled.\\nA second line, "quoted"', 1), (7, '2026-01-01 12:00:00+00', 'old', 0),
  (11, '2026-10-01 09:00:00+00', null, 1);
create role reader login password '${password.replaceAll("'", "''")}';
grant usage on schema care to reader;
grant select (id, nhs, family, given, born, address, consent, consented, issues, tags) on care.people to reader;
grant select on care."current reviews" to reader;
`

let server: PostgresServer
let made: TestDeployment

beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => server.stop())

const quotedPassword = `'${password.replaceAll(/[\\']/g, '\\$&')}'`
const keywords = (): string => server.connection('reader', quotedPassword)

beforeEach(() => {
  server.sql(schema)
  made = makeDeployment()
  made.contract('hull', contract)
  connect(keywords())
})
afterEach(() => {
  server.sql('drop owned by reader')
  made.remove()
})

function connect(text: string): void {
  writeFileSync(join(made.deployment.secrets, 'hull.pg'), `# the reader\n${text.replaceAll(' port', '\nport')}\n`, {
    mode: 0o600,
  })
}

/** Why nothing was taken; it must not hold anything of the connection. */
async function refusal(): Promise<string> {
  const error = await made.ingest().then(
    () => new Error('it was taken'),
    (reason: unknown) => reason as Error,
  )
  for (const secret of [password, 'made up', String(server.port), 'user=reader', 'dbname=agency', '127.0.0.1'])
    expect(error.message).not.toContain(secret)
  return error.message
}

describe('a live PostgreSQL register', () => {
  test('its tables and views become people, reviews and lists', async () => {
    await made.ingest()
    expect(await made.register('select family_name, postcode, source_row from people order by family_name')).toEqual([
      { family_name: 'Marsh', postcode: 'HU21 1AA', source_row: expect.anything() as unknown },
      { family_name: "O'Neill", postcode: null, source_row: expect.anything() as unknown },
    ])
    // Half past eleven in Greenwich is the next day in London's summer.
    expect(await made.register('select held_on, summary from reviews order by held_on')).toEqual([
      { held_on: '2026-09-02', summary: 'Settled.\nA second line, "quoted"' },
      { held_on: '2026-10-01', summary: null },
    ])
    expect(await made.register('select theme_code from issues order by theme_code')).toEqual([
      { theme_code: 'T01' },
      { theme_code: 'T02' },
    ])
    expect(await made.register(`select other_diagnoses from people where family_name = 'Marsh'`)).toEqual([
      { other_diagnoses: ['asthma', 'two words'] },
    ])
    const [delivery] = await made.landing('select delivered_on from deliveries')
    expect(delivery).toEqual({ delivered_on: '2026-11-01' })
  })

  test('a row with a wrong NHS number is held back under its primary key', async () => {
    await made.ingest()
    const rows = await made.quarantine()
    const wrong = rows.find(({ column }) => column === 'nhs')
    expect(wrong).toMatchObject({ feed: 'hull', sheet: 'care.people', row: 4711 })
    expect(JSON.stringify(rows)).not.toContain('1234567890')
    const tallies = await made.landing(
      'select rows_read, rows_accepted, rows_quarantined from tallies order by rows_read desc',
    )
    expect(tallies[0]).toMatchObject({ rows_read: '3' })
  })

  test('an ignored column never leaves the database', async () => {
    // The reader has no right to it at all, and is not asked for it.
    await made.ingest()
    expect(JSON.stringify(await made.landing('from quarantine'))).not.toContain('internal')
  })

  test('an unchanged database is known already, a changed one replaces it', async () => {
    await made.ingest()
    const again = await made.ingest({}, '2026-11-02')
    expect(again.landed).toEqual([])
    expect(made.lines.at(-2) ?? '').toBeTypeOf('string')
    expect(made.lines.some((line) => line.includes('is known already'))).toBe(true)
    server.sql(`update care.people set given = 'Adah' where id = 7`)
    await made.ingest({}, '2026-11-03')
    expect(await made.register(`select given_name from people where family_name = 'Marsh'`)).toEqual([
      { given_name: 'Adah' },
    ])
    server.sql(`update care.people set given = 'Ada' where id = 7`)
    await made.ingest({}, '2026-11-04')
    expect(await made.register(`select given_name from people where family_name = 'Marsh'`)).toEqual([
      { given_name: 'Ada' },
    ])
    expect(await made.landing('select count(*)::integer as deliveries from deliveries')).toEqual([{ deliveries: 3 }])
  })

  test('a second look on the same day replaces the first', async () => {
    await made.ingest()
    server.sql(`update care.people set given = 'Adah' where id = 7`)
    await made.ingest()
    expect(await made.register(`select given_name from people where family_name = 'Marsh'`)).toEqual([
      { given_name: 'Adah' },
    ])
    expect(await made.landing('select count(*)::integer as deliveries from deliveries')).toEqual([{ deliveries: 1 }])
  })

  test('all tables are read as they were at one moment', async () => {
    // While people have been read and reviews are locked, a person and a review are added in one transaction.
    const added = server.sqlBeside(`begin; lock table care.reviews in access exclusive mode;
      do $$ begin for i in 1..600 loop exit when exists (select from pg_locks where not granted); perform pg_sleep(0.05); end loop; end $$;
      insert into care.people values (12, 9990000034, 'Late', 'Di', '1991-01-01', null, true, '2026-06-01', null, null, null);
      insert into care.reviews values (12, '2026-10-02 09:00:00+00', 'late', 1), (7, '2026-10-02 09:00:00+00', 'late', 1);
      commit;`)
    await untilReady(() => {
      if (server.sql(`select count(*) from pg_locks where mode = 'AccessExclusiveLock' and granted`) === '0')
        throw new Error('not locked yet')
    })
    await made.ingest()
    await added
    expect(await made.landing('select sheet, rows_read::integer as rows from tallies order by sheet')).toEqual([
      { sheet: 'care.current reviews', rows: 2 },
      { sheet: 'care.people', rows: 3 },
    ])
  })

  test('a run always looks, for only a look shows what is new', async () => {
    const first = await readInputs(made.deployment, '2026-11-01', [])
    expect((await readInputs(made.deployment, '2026-11-01', first.extracts)).rules).not.toBe(first.rules)
  })

  test('the rows come in one order, whatever order the server keeps them in', async () => {
    await made.ingest()
    server.sql(`update care.reviews set note = note; update care.people set given = given where id = 7`)
    expect((await made.ingest({}, '2026-11-02')).landed).toEqual([])
  })

  test('a column that nobody mapped stops the read', async () => {
    server.sql(
      `alter table care.people add column allergy text; grant select (allergy) on care.people to reader; update care.people set allergy = 'nuts'`,
    )
    expect(await refusal()).toMatch(/“allergy” is unknown/)
  })
})

describe('what stops a database', () => {
  test('a wrong password', async () => {
    connect(server.connection('reader', 'wrong'))
    expect(await refusal()).toContain('The database refuses the user or the password.')
  })

  test('a server that is down', async () => {
    connect(keywords().replace(/port=\d+/, 'port=1'))
    expect(await refusal()).toContain('The database cannot be reached.')
  })

  test('a database that is not there', async () => {
    connect(keywords().replace('dbname=agency', 'dbname=nobody'))
    expect(await refusal()).toContain('no database of that name')
  })

  test('a table that is not there', async () => {
    made.contract('hull', contract.replace('care.current reviews', 'care.visits'))
    expect(await refusal()).toContain('The database has no table or view care.visits.')
  })

  test('a column that is not there', async () => {
    made.contract('hull', contract.replace('held_at', 'held_when'))
    expect(await refusal()).toContain('care.current reviews has no column held_when.')
  })

  test('a column that its user may not read', async () => {
    made.contract(
      'hull',
      contract.replace('ignore: [internal]', '').replace('given_name: given', 'given_name: internal'),
    )
    expect(await refusal()).toContain('may not read column internal of care.people')
  })

  test('a connection file that is missing, open to others or no connection', async () => {
    const file = join(made.deployment.secrets, 'hull.pg')
    chmodSync(file, 0o640)
    expect(await refusal()).toMatch(/can be read by others.*chmod 600/)
    writeFileSync(file, 'password=x;;')
    chmodSync(file, 0o600)
    writeFileSync(file, 'certainly not keywords')
    expect(await refusal()).toContain('The connection file is not understood.')
    rmSync(file)
    expect(await refusal()).toContain('hull.pg is missing')
  })

  test('another machine without a checked certificate', async () => {
    connect(keywords().replace('127.0.0.1', '192.0.2.1'))
    expect(await refusal()).toContain('could be listened to')
  })
})

describe('it is only ever read', () => {
  test('nothing can be written through the connection that reads it, even by a role that could', async () => {
    server.sql('grant insert, select on care.reviews to reader')
    const database = await openDuckDB({ attach: [], extensions: ['postgres_scanner'], threads: 1 })
    const text = keywords().replaceAll("'", "''")
    await database.connection.run(`attach '${text}' as source (type postgres, read_only)`)
    await database.connection.run('begin')
    const write = `insert into care.reviews values (7, now(), 'x', 1)`
    await expect(database.connection.run(`call postgres_execute('source', $$${write}$$)`)).rejects.toThrow(/read-only/)
    database.close()
    expect(server.sql('select count(*) from care.reviews')).toBe('3')
  })

  test('the reader of the project attaches it read only', () => {
    const source = readFileSync('ingest/read/readPostgres.ts', 'utf8')
    expect(source.match(/\(type postgres[^)]*\)/g)).toEqual(['(type postgres, read_only)'])
  })
})
