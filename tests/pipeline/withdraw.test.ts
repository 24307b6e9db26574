import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { spawnSync } from 'node:child_process'
import { beforeAll, describe, expect, test } from 'vitest'
import { readArchive } from '../../ingest/landing/archive.ts'
import type { Receipt } from '../../ingest/withdrawal/writeReceipts.ts'
import { projectRoot } from '../../register/projectRoot.ts'
import { versionFiles, type Deployment } from '../../store/deployment.ts'
import { openAppDatabase } from '../../store/appDatabase.ts'
import { openAudit } from '../../store/audit.ts'
import { readKey } from '../../store/keys.ts'
import { openDuckDB } from '../../store/openDuckDB.ts'
import { sealedCases } from '../../store/seals.ts'
import { currentRelease, currentVersion } from '../../store/versions.ts'
import { copyDeployment, dsr, filesOf, killRunAt, makeDemoDeployment } from './dsr.ts'

interface Subject {
  readonly case_ref: string
  readonly person_id: string
  readonly nhs_number: string
  readonly family_name: string
  readonly given_name: string
  readonly born: string
  readonly audit_ref: string
}

let served: Deployment
let subject: Subject
let numbers: readonly { readonly feed: string; readonly local_id: string }[]

beforeAll(async () => {
  served = makeDemoDeployment(80)
  const settings = readFileSync(served.settingsFile, 'utf8')
  writeFileSync(
    served.settingsFile,
    settings.replace('extracts_after_landing: keep', 'extracts_after_landing: archive'),
  )
  const ended = dsr(served, 'run')
  if (ended.code !== 0) throw new Error(`dsr run ended with ${ended.code}: ${ended.err}`)
  const of = (sql: string) => readRegister(served, sql)
  // Somebody whom several agencies know, so that there is much to be found.
  const [found] = await of(
    `select persons.case_ref, persons.person_id, people.nhs_number, people.family_name, people.given_name, people.date_of_birth::varchar as born, pseudonyms.audit_ref
    from persons join people using (person_id) join pseudonyms using (person_id)
    join (select person_id, count(distinct feed) as feeds from agency_records group by person_id) as known using (person_id)
    where people.nhs_number is not null
    order by known.feeds desc, persons.nhs_number limit 1`,
  )
  subject = found as unknown as Subject
  numbers = (await of(
    `select distinct feed, local_id from agency_records where person_id = '${subject.person_id}'`,
  )) as unknown as typeof numbers
})

async function readRegister(deployment: Deployment, sql: string): Promise<readonly Record<string, unknown>[]> {
  const path = versionFiles(currentVersion(deployment) ?? '').register
  return read(path, readKey(deployment, 'store'), sql)
}

async function read(path: string, key: Buffer | null, sql: string): Promise<readonly Record<string, unknown>[]> {
  const database = await openDuckDB({ attach: [{ path, alias: 'data', readOnly: true, ...(key ? { key } : {}) }] })
  try {
    await database.connection.run('use data')
    return (await database.connection.runAndReadAll(sql)).getRowObjectsJson()
  } finally {
    database.close()
  }
}

/** Keys, contracts and the truth that was planted are not of the register. */
const apart = /^(secrets|sources|truth\.json|dsr\.yml)/

/** Every text of every file of the deployment, decrypted where it is locked. */
async function everything(deployment: Deployment): Promise<ReadonlyMap<string, string>> {
  const key = readKey(deployment, 'store')
  const texts = new Map<string, string>()
  for (const entry of readdirSync(deployment.home, { recursive: true, encoding: 'utf8' })) {
    const path = join(deployment.home, entry)
    if (apart.test(entry) || !statSync(path).isFile()) continue
    if (entry.startsWith('store/archive/'))
      texts.set(entry, readArchive(deployment, key, basename(entry)).toString('latin1'))
    else if (entry.endsWith('.duckdb')) texts.set(entry, await dump(path, entry.includes('warehouse') ? null : key))
    else texts.set(entry, readFileSync(path, 'latin1'))
  }
  return texts
}

async function dump(path: string, key: Buffer | null): Promise<string> {
  const tables = await read(
    path,
    key,
    `select schema_name, table_name from duckdb_tables() where database_name = 'data' order by all`,
  )
  const parts: string[] = []
  for (const { schema_name, table_name } of tables)
    parts.push(JSON.stringify(await read(path, key, `select * from "${String(schema_name)}"."${String(table_name)}"`)))
  return parts.join('\n')
}

/** Files that tell of the subject: by NHS number, by name with birth date, by an agency's own number. */
async function traces(deployment: Deployment): Promise<readonly string[]> {
  const [year = '', month = '', day = ''] = subject.born.split('-')
  const born = [subject.born, `${day}/${month}/${year}`, `${day}.${month}.${year}`]
  const found: string[] = []
  for (const [file, text] of await everything(deployment)) {
    const lines = text.split(/\n|\},\{/)
    if (
      text.replaceAll(' ', '').includes(subject.nhs_number) ||
      lines.some(
        (line) =>
          line.includes(subject.family_name) &&
          line.includes(subject.given_name) &&
          born.some((written) => line.includes(written)),
      ) ||
      numbers.some(({ local_id }) => text.includes(`"${local_id}"`) || text.includes(`,${local_id},`))
    )
      found.push(file)
  }
  return found
}

/** Receipts of requests: those of the made-up withdrawals in the extracts are left out. */
function receiptsOf(deployment: Deployment): readonly Receipt[] {
  const all = JSON.parse(dsr(deployment, 'withdraw', '--receipts', '--json').out) as Receipt[]
  return all.filter(({ source }) => source === 'request')
}

describe('dsr withdraw', () => {
  test('says what it needs, and takes no NHS number on the command line', () => {
    expect(dsr(served, 'withdraw')).toMatchObject({ code: 1, err: expect.stringContaining('in one way') as string })
    const withoutReason = dsr(served, 'withdraw', '--case', subject.case_ref)
    expect([withoutReason.code, withoutReason.err]).toEqual([1, expect.stringContaining('W01')])
    const unknown = dsr(served, 'withdraw', '--case', 'nobodyknows', '--reason', 'W01')
    expect([unknown.code, unknown.err]).toEqual([1, expect.stringContaining('No agency has sent')])
    expect(dsr(served, 'withdraw', '--nhs-number', subject.nhs_number, '--reason', 'W01').code).toBe(1)
    const early = dsr(served, 'withdraw', '--case', subject.case_ref, '--reason', 'W01', '--on', '2001-01-01')
    expect([early.code, early.err]).toEqual([1, expect.stringContaining('the newest decision holds')])
  })

  test('by NHS number reads it from standard input', async () => {
    const deployment = copyDeployment(served)
    const ended = spawnSync(
      process.execPath,
      [
        join(projectRoot, 'dist/pipeline/dsr.js'),
        'withdraw',
        '--nhs-number-stdin',
        '--reason',
        'W01',
        '--home',
        deployment.home,
      ],
      { encoding: 'utf8', input: `${subject.nhs_number}\n` },
    )
    expect(ended.stderr).toBe('')
    const app = openAppDatabase(deployment.appDatabase)
    expect(await sealedCases(app)).toEqual([subject.case_ref])
    await app.destroy()
  })
})

/** Builds the register of a day beside the one that is served: nothing is switched. */
async function buildKnown(deployment: Deployment): Promise<{ readonly day: string; readonly folder: string }> {
  const before = [currentVersion(deployment), currentRelease(deployment)]
  const sql = 'select max(landed_on)::varchar as day from deliveries'
  const [newest] = await read(deployment.landing, readKey(deployment, 'store'), sql)
  const day = String(newest?.['day'])
  const known = JSON.parse(dsr(deployment, 'run', '--as-known-at', day, '--json').out) as {
    folder: string
    people: number
    withdrawnSince: number
  }
  const [counted] = await readRegister(deployment, 'select count(*)::integer as people from persons')
  expect(known).toMatchObject({ people: counted?.['people'], withdrawnSince: 0 })
  expect(known.folder).toContain(`${day}.known`)
  expect([currentVersion(deployment), currentRelease(deployment)]).toEqual(before)
  const tomorrow = dsr(deployment, 'run', '--as-known-at', '2031-01-01')
  expect([tomorrow.code, tomorrow.err]).toEqual([1, expect.stringContaining('is after')])
  const earlier = dsr(deployment, 'run', '--as-known-at', '2026-10-01')
  expect([earlier.code, earlier.err]).toEqual([1, expect.stringContaining('Nothing was known on 2026-10-01')])
  return { day, folder: known.folder }
}

describe('a withdrawal', () => {
  test('is audited and seals the case at once; the next run, though killed once, empties every zone, with a receipt', async () => {
    const deployment = copyDeployment(served)
    expect(await traces(deployment)).toEqual(
      expect.arrayContaining([
        'store/landing.duckdb',
        expect.stringMatching(/register\.duckdb$/),
        expect.stringMatching(/^store\/archive/),
      ]),
    )
    const releaseBefore = filesOf(currentRelease(deployment) ?? '')
    const known = await buildKnown(deployment)
    const ended = dsr(deployment, 'withdraw', '--case', subject.case_ref, '--reason', 'W01', '--by', 'Sam Okoro')
    expect([ended.code, ended.out]).toEqual([0, expect.stringContaining('sealed')])
    const app = openAppDatabase(deployment.appDatabase)
    expect(await sealedCases(app)).toEqual([subject.case_ref])
    await app.destroy()
    const audit = openAudit(deployment.auditDatabase, readKey(deployment, 'audit'))
    expect(audit.latest(1)[0]).toMatchObject({
      who: 'dsr:Sam Okoro',
      action: 'withdraw',
      subject: subject.audit_ref,
      outcome: 'allowed',
      reason: 'W01',
    })
    audit.close()

    expect(dsr(deployment, 'run', '--as-known-at', known.day).err).toContain('dsr run')

    // A kill between the new version and the receipt: the next run finishes what was begun.
    await killRunAt(deployment, /^receipts +started/m)
    expect(receiptsOf(deployment)).toEqual([])
    const run = dsr(deployment, 'run')
    expect([run.code, run.err]).toEqual([0, ''])
    expect(existsSync(known.folder)).toBe(false)
    expect(await traces(deployment)).toEqual([])
    const [receipt] = receiptsOf(deployment)
    expect(receipt).toMatchObject({
      reason: 'W01',
      source: 'request',
      after: { landing: {}, register: {}, warehouse: {}, archive_files: 0 },
      other_versions_left: 0,
      backups_free_on: '2026-12-06',
    })
    expect(receipt?.before.landing['landed_people']).toBeGreaterThanOrEqual(numbers.length)
    expect(receipt?.before.register['people']).toBe(1)
    expect(receipt?.before.warehouse['register.people']).toBe(1)
    expect(receipt?.before.archive_files).toBeGreaterThan(0)
    expect(statSync(join(deployment.receipts, `${receipt?.id}.json`)).mode & 0o077).toBe(0)
    // The figures that were published before stay as they are.
    const [old] = readdirSync(deployment.releases).filter((name) => !(currentRelease(deployment) ?? '').endsWith(name))
    expect(filesOf(join(deployment.releases, old ?? ''))).toEqual(releaseBefore)

    expect(dsr(deployment, 'run').out).toContain('nothing new')
    expect(receiptsOf(deployment)).toHaveLength(1)
  })
})
