import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeDemo } from '../../demo/makeDemo.ts'
import type { PersonRef, Truth } from '../../demo/truth.ts'
import { ingest, type IngestReport } from '../../ingest/ingest.ts'
import { listQuarantine, type QuarantinedRow } from '../../ingest/quarantine.ts'
import { deploymentAt, readSettings, versionFiles } from '../../store/deployment.ts'
import { makeKeys, readKey } from '../../store/keys.ts'
import { openDuckDB } from '../../store/openDuckDB.ts'

/** The demo's own truth against what ingest makes of its files: two programs that share no line of the answer. */
const deployment = deploymentAt(mkdtempSync(join(tmpdir(), 'dsr-truth-')))
const versionFolder = join(deployment.versions, 'test.building')
let truth: Truth
let report: IngestReport
let quarantine: readonly QuarantinedRow[]
let register: (sql: string) => Promise<readonly Record<string, unknown>[]>

beforeAll(async () => {
  await makeDemo(deployment, { people: 150 })
  makeKeys(deployment)
  truth = JSON.parse(readFileSync(join(deployment.home, 'truth.json'), 'utf8')) as Truth
  const store = readKey(deployment, 'store')
  const settings = readSettings(deployment)
  report = await ingest({
    deployment,
    settings,
    asOf: truth.as_of,
    keys: { store },
    versionFolder,
    report: () => undefined,
  })
  quarantine = await listQuarantine(deployment, { store })
  register = async (sql) => {
    const database = await openDuckDB({
      attach: [{ path: versionFiles(versionFolder).register, alias: 'register', key: store, readOnly: true }],
    })
    try {
      await database.connection.run('use register')
      return (await database.connection.runAndReadAll(sql)).getRowObjectsJson()
    } finally {
      database.close()
    }
  }
}, 120_000)

afterAll(() => rmSync(deployment.home, { recursive: true }))

test('each feed has as many rows read, accepted, quarantined and double as planted', async () => {
  const rows = await register(
    'select feed, rows_read, rows_accepted, rows_quarantined, rows_duplicate from feeds order by feed',
  )
  const found = Object.fromEntries(
    rows.map((row) => [
      String(row['feed']),
      {
        read: Number(row['rows_read']),
        accepted: Number(row['rows_accepted']),
        quarantined: Number(row['rows_quarantined']),
        duplicates: Number(row['rows_duplicate']),
      },
    ]),
  )
  const planted = Object.fromEntries(
    Object.entries(truth.feeds).map(([feed, { read, accepted, quarantined, duplicates }]) => [
      feed,
      { read, accepted, quarantined, duplicates },
    ]),
  )
  expect(found).toEqual(planted)
})

test('each bad row is found on its line and column, by the check that was to find it', () => {
  const found = quarantine
    .filter(({ severity }) => severity === 'reject')
    .map(({ feed, sheet, row, code, column }) => `${feed} ${sheet} ${row} ${code} ${column}`)
  const planted = Object.entries(truth.feeds).flatMap(([feed, { bad_rows }]) =>
    bad_rows
      .filter(({ code }) => code !== 'duplicate_record')
      .map(({ sheet, line, code, column }) => `${feed} ${sheet ?? ''} ${line} ${code} ${column ?? ''}`),
  )
  expect(found.sort()).toEqual(planted.sort())
})

test('as many people are past the consent gate, and as many are kept off it, as planted', () => {
  expect(report.people).toBe(truth.register.past_the_gate)
  expect(report.excluded).toEqual({ ...truth.exclusions, K93: 0 })
  expect(report.statutoryOnly).toBe(truth.statutory_only.people)
})

test('nobody who withdrew, refused or was never asked is in any table of people', async () => {
  const known = new Set(
    (await register('select feed, local_id from agency_records')).map((row) => `${row['feed']} ${row['local_id']}`),
  )
  const { withdrawn = [], refused = [], consent_not_recorded = [] } = truth.lists ?? {}
  const kept = [...withdrawn, ...refused, ...consent_not_recorded].flatMap(recordsOf)
  expect(kept.length).toBeGreaterThan(5)
  expect(kept.filter((record) => known.has(record))).toEqual([])
})

test('a person known to three agencies is one person', async () => {
  const persons = await personsByRecord()
  const three = truth.lists?.three_agencies ?? []
  expect(three.length).toBeGreaterThan(3)
  for (const ref of three) {
    expect(registerRecordsOf(ref).length).toBeGreaterThanOrEqual(3)
    expect(new Set(registerRecordsOf(ref).map((record) => persons.get(record))).size).toBe(1)
  }
})

test('people are told apart and put together as they were made', async () => {
  const persons = await personsByRecord()
  expect(new Set(persons.values()).size).toBe(truth.register.past_the_gate)
})

test('as many people have a consent to renew, and why, as planted', async () => {
  const rows = await register(`
    select consent_state, count(*) as people from persons
    where person_id in (select person_id from entries where decision = 'accepted' and closed_date is null) and consent_state <> 'valid'
    group by consent_state`)
  expect(Object.fromEntries(rows.map((row) => [String(row['consent_state']), Number(row['people'])]))).toEqual(
    truth.consent_to_renew,
  )
})

test('people on the register by ICB and rating are as planted', async () => {
  const rows = await register(`
    with
    open as (select distinct person_id from entries where decision = 'accepted' and closed_date is null),
    in_hospital as (select distinct person_id from admissions where discharged is null),
    newest as (select person_id, arg_max(rating, effective_from) as rating from ratings group by person_id)
    select people.responsible_icb_ods as icb, case when in_hospital.person_id is not null then 'blue' else newest.rating end as rating, count(*) as people
    from open
    join people using (person_id)
    join newest using (person_id)
    left join in_hospital using (person_id)
    group by all`)
  const { all: _, ...planted } = truth.register.by_rating
  const found: Record<string, Record<string, number>> = {}
  for (const row of rows) (found[String(row['icb'])] ??= {})[String(row['rating'])] = Number(row['people'])
  expect(found).toEqual(planted)
})

test('last reviews and due dates of the overdue can be told from what was delivered', async () => {
  const rows = await register(`
    select records.feed, records.local_id, max(reviews.held_on) as last_review_on
    from agency_records as records
    join reviews on reviews.person_id = records.person_id and reviews.kind = 'dsr'
    group by records.feed, records.local_id`)
  const last = new Map(rows.map((row) => [`${row['feed']} ${row['local_id']}`, String(row['last_review_on'])]))
  const overdue = truth.lists?.overdue ?? []
  expect(overdue.length).toBeGreaterThan(5)
  const lastReviewOf = (ref: PersonRef): string | undefined => last.get(registerRecordsOf(ref)[0] ?? '')
  const reviewed = overdue.filter(({ due_because }) => due_because === 'last_review')
  const neverReviewed = overdue.filter(({ due_because }) => due_because === 'never_reviewed')
  expect(reviewed.map(lastReviewOf)).toEqual(reviewed.map(({ due_from_on }) => due_from_on))
  expect(neverReviewed.flatMap((ref) => lastReviewOf(ref) ?? [])).toEqual([])
})

test('the missing service is reported for the people it was planted in', async () => {
  const rows = await register(`
    select records.feed, records.local_id
    from actions
    join agency_records as records using (person_id)
    where actions.service_code = 'S09' and actions.unavailable_reason = 'U01'`)
  const found = new Set(rows.map((row) => `${row['feed']} ${row['local_id']}`))
  const planted = truth.lists?.missing_service ?? []
  expect(planted.filter((ref) => registerRecordsOf(ref).every((record) => !found.has(record)))).toEqual([])
})

function recordsOf({ local_ids }: PersonRef): string[] {
  return Object.entries(local_ids).map(([feed, id]) => `${feed} ${id}`)
}

/** Records of the agencies of the register; the statutory feed adds admissions only. */
function registerRecordsOf(ref: PersonRef): string[] {
  return recordsOf(ref).filter((record) => !record.startsWith('inpatient_commissioning'))
}

async function personsByRecord(): Promise<Map<string, unknown>> {
  const rows = await register('select feed, local_id, person_id from agency_records')
  return new Map(rows.map((row) => [`${row['feed']} ${row['local_id']}`, row['person_id']]))
}
