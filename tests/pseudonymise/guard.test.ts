import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateRawSync, gzipSync } from 'node:zlib'
import { Dictionary, Int32, Table, tableToIPC, Utf8, vectorFromArray } from 'apache-arrow'
import { beforeAll, describe, expect, test } from 'vitest'
import { closedValues } from '../../pseudonymise/closedValues.ts'
import { guardRelease, guardWarehouse } from '../../pseudonymise/guard.ts'
import { pseudonymise } from '../../pseudonymise/pseudonymise.ts'
import { derivedLists } from '../../register/closedColumns.ts'
import { describeFailure } from '../../register/errors.ts'
import { projectRoot } from '../../register/projectRoot.ts'
import { deploymentAt } from '../../store/deployment.ts'
import type { Step } from '../../store/step.ts'
import { changeWarehouse, makeFolder, makeRegister, makeStep, readWarehouse } from './makeRegister.ts'

/** The canary: one invented person with an unmistakable value in each field. */
const canary = {
  person_id: '3f2a'.padEnd(64, '0'),
  nhs_number: '9990000026',
  given_name: 'Zoë',
  preferred_name: 'Zed',
  family_name: "O'Quennell",
  date_of_birth: '2008-03-14',
  postcode: 'ZZ1 4QQ',
  other_names: 'Ferncastle-Ødegård',
  address_lines: '14 Larch Passage, Northmoor',
  lsoa21: 'E01007317',
  gp_ods: 'A81001',
  phone: '+44 (0)1632 960123',
  local_id: 'ASC-100234',
  responsible_icb_ods: 'QOQ',
}
/** Her name is two ratings side by side, as in any list of them. */
const amber = { person_id: 'amber', nhs_number: null, given_name: 'Amber', family_name: 'Green', local_id: '100234' }
let base: Step<'store' | 'pseudonym'>

beforeAll(async () => {
  base = makeStep()
  await makeRegister(base, {
    people: [canary, amber],
    rows: {
      professionals: [
        {
          person_id: canary.person_id,
          name: 'Dr Ludovic Ferrars',
          email: 'l.ferrars@example.org',
          phone: '01632 960999',
        },
        // A name whose words stand side by side in a comment of transform/tests.
        { person_id: canary.person_id, name: 'Lost Row' },
      ],
      reviews: [{ person_id: canary.person_id, held_on: '2026-10-01', kind: 'dsr', attendee_agencies: ['A01', 'A02'] }],
      actions: [{ person_id: canary.person_id, state: 'waiting', service_code: 'S01', owner_name: 'Perpetua Hale' }],
    },
  })
  await pseudonymise(base)
  await changeWarehouse(base, async (connection) => {
    for (const sql of [
      'create schema warehouse.staging',
      'create view warehouse.staging.stg_register__reviews as select * from warehouse.register.reviews',
      'create schema warehouse.marts',
      `create table warehouse.marts.mart_worklist as select pseudonym, 'red' as rating, date '2026-10-01' as due_on from warehouse.register.people`,
      'create schema warehouse.published',
      `create table warehouse.published.pub_people_by_rating_month as
        select date '2026-09-01' as month, 'icb' as place_kind, 'QOQ' as place, 'red' as rating, cast(null as integer) as value, 'suppressed' as state`,
      'create schema warehouse.reference',
      `create table warehouse.reference.settings as select 'as_of' as name, '2026-11-01' as value`,
      `create table warehouse.reference.codes as select 'themes' as list, 'T01' as code, 'Mental health deterioration' as label`,
    ]) {
      await connection.run(sql)
    }
  })
  writeRelease(join(base.deployment.releases, 'first'))
})

/** A copy of the whole deployment, so that each test spoils its own. */
function copied(): Step<'store' | 'pseudonym'> & { readonly release: string } {
  const home = makeFolder()
  cpSync(base.deployment.home, home, { recursive: true })
  const deployment = deploymentAt(home)
  const versionFolder = base.versionFolder.replace(base.deployment.home, home)
  return { ...base, deployment, versionFolder, release: join(deployment.releases, 'first') }
}

function writeRelease(folder: string, place = 'QOQ', extra: Record<string, readonly string[]> = {}): void {
  mkdirSync(folder, { recursive: true })
  const texts = (values: readonly string[], id: number) =>
    vectorFromArray(values, new Dictionary(new Utf8(), new Int32(), id, false))
  const columns = { month: ['2026-09-01'], place: [place], rating: ['red'], state: ['suppressed'], ...extra }
  const vectors = Object.entries(columns).map(([name, values], id) => [name, texts(values, id)] as const)
  const table = new Table({ ...Object.fromEntries(vectors), value: vectorFromArray([null], new Int32()) })
  writeFileSync(join(folder, 'people_by_rating_month.arrow'), tableToIPC(table, 'file'))
  writeFileSync(join(folder, 'people_by_rating_month.csv'), `month,place,rating,value\n2026-09-01,${place},red,[c]\n`)
  const labels = { ratings: { red: 'Red', amber: 'Amber', green: 'Green' }, order: ['red', 'amber', 'green'] }
  writeFileSync(join(folder, 'release.json'), JSON.stringify({ id: '2026-11-01-0123456789', rows: 100234, labels }))
}

/** A zip archive of one file, as short as one can be. */
function zipOf(name: string, content: string): Buffer {
  const packed = deflateRawSync(content)
  const [local, central, end] = [Buffer.alloc(30), Buffer.alloc(46), Buffer.alloc(22)]
  local.write('PK\u0003\u0004', 'latin1')
  local.writeUInt16LE(name.length, 26)
  central.write('PK\u0001\u0002', 'latin1')
  central.writeUInt16LE(8, 10)
  central.writeUInt32LE(packed.length, 20)
  central.writeUInt16LE(name.length, 28)
  end.write('PK\u0005\u0006', 'latin1')
  end.writeUInt16LE(1, 10)
  end.writeUInt32LE(30 + name.length + packed.length, 16)
  return Buffer.concat([local, Buffer.from(name), packed, central, Buffer.from(name), end])
}

/** What the guard says when it stops; '' when it does not. */
async function complaint(check: Promise<unknown>): Promise<string> {
  const error = await check.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  if (error === null) return ''
  const { exitCode, text } = describeFailure(error)
  expect(exitCode).toBe(7)
  for (const value of Object.values(canary)) expect(text).not.toContain(value)
  return text
}

const onWarehouse = async (sql: string): Promise<string> => {
  const step = copied()
  await changeWarehouse(step, async (connection) => void (await connection.run(sql)))
  return complaint(guardWarehouse(step))
}

describe('the warehouse', () => {
  test('as it is made, it passes, and every column is looked at', async () => {
    const step = copied()
    const [columns] = await readWarehouse(
      step,
      `select count(*)::integer as columns from duckdb_columns() where database_name = 'warehouse' and not internal`,
    )
    expect(await guardWarehouse(step)).toEqual(columns)
  })

  test.each([
    [
      'a value in a closed column',
      `update warehouse.register.reviews set kind = 'Zoë O''Quennell'`,
      'register.reviews.kind: 1 rows',
    ],
    [
      'the same value in the view over it',
      `update warehouse.register.reviews set kind = 'Zoë'`,
      'staging.stg_register__reviews.kind: 1 rows',
    ],
    [
      'a value in a list',
      `update warehouse.register.reviews set attendee_agencies = ['A01', 'Zoë']`,
      'register.reviews.attendee_agencies: 1 rows',
    ],
    [
      'a value in a mart',
      `update warehouse.marts.mart_worklist set rating = 'Zoë'`,
      'marts.mart_worklist.rating: 2 rows',
    ],
    [
      'a value in a published cell',
      `update warehouse.published.pub_people_by_rating_month set place = 'Northmoor'`,
      'published.pub_people_by_rating_month.place',
    ],
    ['a day in place of a list', `update warehouse.register.feeds set feed = 'Zoë'`, 'register.feeds.feed: 2 rows'],
    [
      'a setting that is not ours',
      `update warehouse.reference.settings set value = 'Zoë'`,
      'reference.settings.value: 1 rows',
    ],
    [
      'a label that is not in our files',
      `update warehouse.reference.codes set label = 'Zoë'`,
      'reference.codes.label: 1 rows',
    ],
    [
      'a text shaped like a pseudonym that is no one’s',
      `update warehouse.marts.mart_worklist set pseudonym = 'p1_00000000000000000000009990000026'`,
      'marts.mart_worklist.pseudonym: 2 rows',
    ],
    [
      'a list of another field of the same name',
      `alter table warehouse.register.escalations add column outcome varchar`,
      'register.escalations.outcome: no code list',
    ],
    [
      'an NHS number turned into a number',
      `alter table warehouse.register.reviews add column rank bigint default 9990000026`,
      'register.reviews.rank: 1 rows hold an NHS number',
    ],
    [
      'an NHS number in the place of a row number',
      `update warehouse.register.reviews set row_id = 9990000026`,
      'register.reviews.row_id: 1 rows hold an NHS number',
    ],
    [
      'an NHS number among decimals',
      `alter table warehouse.marts.mart_worklist add column share double default 9990000026`,
      'marts.mart_worklist.share: 2 rows',
    ],
    [
      'a birth date',
      `alter table warehouse.marts.mart_worklist add column date_of_birth date`,
      'marts.mart_worklist.date_of_birth: a column of this name',
    ],
    [
      'a birth date in capitals',
      `alter table warehouse.marts.mart_worklist add column "DOB" date`,
      'marts.mart_worklist.DOB: a column of this name',
    ],
    [
      'a surname without rows',
      `create table warehouse.main.empty (family_name varchar)`,
      'main.empty.family_name: a column of this name',
    ],
    [
      'bytes',
      `alter table warehouse.marts.mart_worklist add column raw blob`,
      'marts.mart_worklist.raw: a kind of column',
    ],
    [
      'a structure',
      `alter table warehouse.marts.mart_worklist add column more struct(a varchar)`,
      'marts.mart_worklist.more: a kind of column',
    ],
    [
      'JSON',
      `alter table warehouse.marts.mart_worklist add column more json`,
      'marts.mart_worklist.more: a kind of column',
    ],
    [
      'an enumeration',
      `alter table warehouse.marts.mart_worklist add column rating_before enum('Zoë') default 'Zoë'`,
      'marts.mart_worklist.rating_before: 2 rows',
    ],
  ])('%s stops it', async (_, sql, words) => {
    expect(await onWarehouse(sql)).toContain(words)
  })

  test('a row number that equals a stranger’s NHS number by chance does not stop it', async () => {
    const step = copied()
    await changeWarehouse(step, async (connection) => {
      await connection.run(`update warehouse.register.people set row_id = 9990000026 where pseudonym like 'p1x_%'`)
    })
    await expect(guardWarehouse(step)).resolves.toBeDefined()
  })

  test('an unknown text column stops it and names the line to write', async () => {
    const text = await onWarehouse(`alter table warehouse.register.reviews add column remark varchar`)
    expect(text).toContain('warehouse register.reviews.remark: no code list closes this text.')
    expect(text).toMatch(/register\/dictionary\/reviews\.yml, under fields:\n {2}remark: \{/)
    const ofModel = await onWarehouse(`alter table warehouse.marts.mart_worklist add column remark varchar`)
    expect(ofModel).toMatch(/register\/closedColumns\.ts, with the list that closes it:\n {2}remark: \[/)
  })

  test('every breach is said at once', async () => {
    const step = copied()
    await changeWarehouse(step, async (connection) => {
      await connection.run(`alter table warehouse.register.reviews add column remark varchar`)
      await connection.run(`update warehouse.marts.mart_worklist set rating = 'Zoë'`)
    })
    expect(await complaint(guardWarehouse(step))).toMatch(/mart_worklist\.rating[^]*reviews\.remark/)
  })
})

describe('a release', () => {
  test('as it is made, it passes, and a person with the name of two ratings does not stop it', async () => {
    const { release, ...step } = copied()
    expect(await guardRelease(step, release)).toMatchObject({ namesLikeOurWords: 2 })
  })

  test.each([
    ['birth date', 'born 14/03/2008'],
    ['birth date', '{"dob":"2008-03-14T00:00:00Z"}'],
    ['pseudonym', 'p1_0123456789abcdef0123456789abcdef'],
    ['name', 'Mrs Green rang'],
    ['name', 'O%E2%80%99Quennell+Zo%C3%AB'],
    ['local number', 'area E01007317'],
    ['NHS number', 'person 999 000 0026 seen'],
    ['NHS number', 'id=999-000-0026;'],
    ['NHS number', '{"n":9990000026}'],
    ['name', 'zoe o’quennell'],
    ['name', "O'QUENNELL, ZOË"],
    ['name', 'Zed O&#39;Quennell'],
    ['name', "Zo\\u00eb O'Quennell"],
    ['name', 'seen by Ludovic Ferrars'],
    ['name', 'Ferrars, Ludovic'],
    ['name', 'owner: perpetua hale'],
    ['address', 'lives at 14 larch passage'],
    ['postcode', 'zz14qq'],
    ['telephone', 'ring 01632 960 123'],
    ['telephone', 'ring +441632960999'],
    ['e-mail', 'mailto:L.Ferrars@example.org'],
    ['local number', '/cases/ASC-100234/reviews'],
    ['local number', `key ${canary.person_id}`],
  ])('%s in a log, a page or a file stops it: %s', async (kind, text) => {
    const { release, ...step } = copied()
    const names = ['dbt/logs/dbt.log', 'dbt/target/run_results.json', 'page.html']
    for (const name of names) {
      const path = join(step.deployment.work, name)
      mkdirSync(join(path, '..'), { recursive: true })
      writeFileSync(path, name.endsWith('.json') && !text.startsWith('{') ? JSON.stringify({ message: text }) : text)
    }
    const told = await complaint(guardRelease(step, release))
    for (const name of names) expect(told).toContain(`working file ${name}: ${kind}, 1 times`)
  })

  test('numbers that only look like identifiers do not stop it', async () => {
    const { release, ...step } = copied()
    const digest = `${'a'.repeat(20)}9990000026${'b'.repeat(34)}`
    writeFileSync(
      join(step.deployment.work, 'dbt.log'),
      `rows 100234, sha256 ${digest}, took 0.100234 s, 29990000026 bytes, Amber, Green`,
    )
    expect(await complaint(guardRelease(step, release))).toBe('')
  })

  test('the comments of dbt’s tests, which stand in its manifest, do not stop it', async () => {
    const { release, ...step } = copied()
    const comment = readFileSync(join(projectRoot, 'transform/tests/generic/row_count_equals.sql'), 'utf8')
    expect(comment).toContain('a lost row')
    writeFileSync(join(step.deployment.work, 'manifest.json'), JSON.stringify({ raw_code: comment }))
    expect(await complaint(guardRelease(step, release))).toBe('')
  })

  test('a name that is two ratings is found where it is written for a person', async () => {
    const { release, ...step } = copied()
    writeFileSync(join(step.deployment.work, 'dbt.log'), 'amber, green; Amber, Green; amber green; no row is lost')
    expect(await complaint(guardRelease(step, release))).toBe('')
    writeFileSync(join(step.deployment.work, 'dbt.log'), 'Amber Green was seen by LOST ROW')
    expect(await complaint(guardRelease(step, release))).toContain('working file dbt.log: name, 2 times')
  })

  test('a file whose name identifies is not named', async () => {
    const { release, ...step } = copied()
    writeFileSync(join(step.deployment.work, 'Zoë O’Quennell.log'), 'nothing')
    const text = await complaint(guardRelease(step, release))
    expect(text).toContain('working file (a file whose name identifies): name, 1 times')
    expect(text).not.toContain('Quennell')
  })

  test('packed and encoded files are read, not their bytes', async () => {
    const { release, ...step } = copied()
    writeFileSync(join(step.deployment.work, 'dbt.log.gz'), gzipSync('Zoë O’Quennell'))
    writeFileSync(join(step.deployment.work, 'wide.log'), Buffer.from('\ufeffZoë O’Quennell', 'utf16le'))
    writeFileSync(join(step.deployment.work, 'old.log'), Buffer.from("Zoë O'Quennell", 'latin1'))
    writeFileSync(
      join(step.deployment.work, 'twice.txt'),
      Buffer.from('Zoë', 'utf8').toString('latin1') + " O'Quennell",
    )
    writeFileSync(join(step.deployment.work, 'sheets.xlsx'), zipOf('sheet1.xml', '<c>Zoë</c><c>O&apos;Quennell</c>'))
    const text = await complaint(guardRelease(step, release))
    for (const file of ['dbt.log.gz', 'wide.log', 'old.log', 'twice.txt', 'sheets.xlsx'])
      expect(text).toContain(`working file ${file}: name, 1 times`)
  })

  test('a canary in a column of the Arrow or the CSV file stops it', async () => {
    const { release, ...step } = copied()
    writeRelease(release, 'O’Quennell')
    const text = await complaint(guardRelease(step, release))
    expect(text).toContain('release people_by_rating_month.arrow.place: 1 rows hold a text that is not in its list')
    expect(text).toContain('release people_by_rating_month.csv.place: 1 rows')
  })

  test('a column that is not published stops it, however harmless its name', async () => {
    const { release, ...step } = copied()
    writeRelease(release, 'QOQ', { remark: ['Zoë O’Quennell'] })
    const text = await complaint(guardRelease(step, release))
    expect(text).toContain('release people_by_rating_month.arrow.remark: no code list closes this text')
    expect(text).toContain('release people_by_rating_month.arrow: name, 1 times')
  })

  test('a cell beyond the heading, a day in place of a month and an exact number with decimals stop it', async () => {
    const { release, ...step } = copied()
    writeFileSync(join(release, 'themes.csv'), 'month,place,value\n2026-09-17,QOQ,4.5,Zed\n')
    const text = await complaint(guardRelease(step, release))
    expect(text).toMatch(
      /themes\.csv\.month: 1 rows[^]*themes\.csv\.value: 1 rows[^]*themes\.csv\.\(no heading\): no code list/,
    )
  })

  test('a pseudonym in a release file stops it', async () => {
    const { release, ...step } = copied()
    const [person] = await readWarehouse(step, 'select pseudonym from warehouse.register.people limit 1')
    const path = join(release, 'release.json')
    writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), example: person?.['pseudonym'] }))
    expect(await complaint(guardRelease(step, release))).toContain('release release.json: pseudonym, 1 times')
  })

  test('a file that it cannot look into stops it', async () => {
    const { release, ...step } = copied()
    writeFileSync(join(release, 'extra.parquet'), 'PAR1')
    expect(await complaint(guardRelease(step, release))).toContain('release extra.parquet: a kind of column or file')
  })
})

test('every list that closes a column has values', () => {
  const values = closedValues(base)
  const empty = [...derivedLists].filter((list) => list !== 'pseudonym' && !values.get(list)?.size)
  expect(empty).toEqual([])
  expect(values.get('feeds')).toEqual(
    new Set(readdirSync(base.deployment.sources).map((file) => file.replace('.yml', ''))),
  )
})
