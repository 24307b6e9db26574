import { mkdtempSync, mkdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Link } from '../../ingest/match/links.ts'
import { deploymentAt, versionFiles, type Deployment } from '../../store/deployment.ts'
import { makeKeys, readKey } from '../../store/keys.ts'
import { openDuckDB, type Database } from '../../store/openDuckDB.ts'
import { currentVersion } from '../../store/versions.ts'
import { addSamples } from '../ingest/deployment.ts'
import { readExpected, type Expected } from '../ingest/expected.ts'
import { dsr } from './dsr.ts'

// The extracts of four agencies, each in its own shape, through the whole pipeline by their contracts alone: first as they
// come, with every doubtful pair of records left to the team; then after it has said of five that each is one person.

const expected = readExpected()

/** A version of the register as one run left it, with every person named by the agencies' rows. */
interface Version {
  rows(sql: string): Promise<readonly Record<string, unknown>[]>
  close(): void
}

let deployment: Deployment
let before: Version
let after: Version

beforeAll(async () => {
  deployment = deploymentAt(mkdtempSync(join(tmpdir(), 'dsr-samples-')))
  mkdirSync(deployment.sources, { recursive: true })
  writeFileSync(deployment.settingsFile, 'made_up: true\nicbs: [QOQ]\nas_of: 2026-11-01\nlink_by_likeness: exact\n')
  makeKeys(deployment)
  addSamples(deployment)
  succeed('run')
  before = await openVersion()
  decidePairs()
  succeed('run')
  after = await openVersion()
})

afterAll(() => {
  before.close()
  after.close()
})

function succeed(...args: readonly string[]): string {
  const ended = dsr(deployment, ...args)
  if (ended.code !== 0) throw new Error(`dsr ${args.join(' ')} ended with ${ended.code}: ${ended.err}`)
  return ended.out
}

/** Says of each pair that is asked about that it is one person, as the team does. */
function decidePairs(): void {
  const listed = JSON.parse(succeed('links', '--json')) as readonly Link[]
  for (const { id } of listed.filter(({ question }) => question !== null && question.kind !== 'joined'))
    succeed('links', '--join', id, '--by', 'A. Reviewer', '--reason', 'Asked both agencies by telephone.')
}

async function openVersion(): Promise<Version> {
  const { register, warehouse } = versionFiles(currentVersion(deployment) ?? '')
  const database: Database = await openDuckDB({
    attach: [
      { path: register, alias: 'register', key: readKey(deployment, 'store'), readOnly: true },
      { path: warehouse, alias: 'warehouse', readOnly: true },
    ],
  })
  await database.connection.run(`create temp table named as
    select pseudonyms.pseudonym, pseudonyms.person_id, list_sort(list(records.feed || '#' || records.local_id)) as rows
    from register.pseudonyms as pseudonyms
    join register.agency_records as records on records.person_id = pseudonyms.person_id
    group by all`)
  return {
    rows: async (sql) => (await database.connection.runAndReadAll(sql)).getRowObjectsJson(),
    close: () => {
      database.close()
    },
  }
}

/** In one order, whatever the query gave. */
function sorted<T>(list: readonly T[]): readonly T[] {
  return list.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
}

const states = [
  ['before the team has decided', 'before_decisions', () => before],
  ['after the team has decided', 'after_decisions', () => after],
] as const

describe.each(states)('%s', (_, state, version) => {
  test('as many are on the register, by rating, as a careful reader counts', async () => {
    const found = await version().rows(
      'select rating, count(*)::integer as people from warehouse.marts.mart_worklist group by all',
    )
    const { total, ...byRating } = expected.counts_by_rating[state]
    expect(Object.fromEntries(found.map((row) => [row['rating'], row['people']]))).toEqual(byRating)
    expect(found.reduce((sum, row) => sum + Number(row['people']), 0)).toBe(total)
  })

  test('the same people are overdue, since the same day and for the same reason', async () => {
    const found = await version().rows(`
      select
          rows, rating, due_on::varchar as due, days_overdue as days, is_never_reviewed as never_reviewed,
          case due_because
              when 'never_reviewed' then 'never reviewed; accepted ' || due_from_on || ' as ' || due_rating
              when 'rating_tightened' then 'tightened to ' || due_rating || ' on ' || due_from_on
              when 'last_review' then 'last review ' || due_from_on || ' while ' || due_rating
              else due_because
          end as because
      from warehouse.marts.mart_worklist join named using (pseudonym)
      where is_overdue`)
    expect(sorted(found)).toEqual(
      sorted(expected.overdue[state].map((person) => ({ ...person, rows: [...person.rows].sort() }))),
    )
  })
})

test('the team is asked about the pairs that a careful reader would ask about, and no other', async () => {
  // A pair of rows stands for the two people whom they are of: any row of a person may be the one that is shown.
  const people = await before.rows('select person_id, rows from named')
  const personOf = (row: string): unknown =>
    people.find(({ rows }) => Array.isArray(rows) && rows.includes(row))?.['person_id']
  const found = await before.rows(
    'select list_sort([one_person_id, other_person_id]) as pair from register.link_questions',
  )
  const wanted = expected.links.ask.map((rows) => sorted(rows.map(personOf)))
  expect(sorted(found.map((row) => row['pair']))).toEqual(sorted(wanted))
})

describe('once it is decided who is who', () => {
  test('each person on the register is known by the rows that are theirs, and by no other', async () => {
    const found = await after.rows('select rows from warehouse.marts.mart_worklist join named using (pseudonym)')
    const active = expected.people.filter(({ status }) => status === 'active').map(({ rows }) => rows.toSorted())
    expect(sorted(found.map((row) => row['rows']))).toEqual(sorted(active))
  })

  test('each action of theirs is there, with its state, reason, owner and days', async () => {
    const found = await after.rows(`
      select
          list_filter(rows, lambda row: starts_with(row, actions.feed || '#'))[1] as row, actions.service_code, actions.state,
          facts.raised_on::varchar as asked, facts.unavailable_reason, facts.owner_agency, facts.due_on::varchar as due
      from warehouse.marts.fct_actions as facts
      join register.actions as actions on actions.row_id = facts.action_id
      join warehouse.marts.mart_worklist as worklist on worklist.pseudonym = facts.pseudonym
      join named on named.pseudonym = facts.pseudonym`)
    expect(sorted(found.map((row) => Object.values(row)))).toEqual(sorted(expected.actions))
  })

  test('a need unmet for 28 days is a gap, once a person and service, from the earliest request', async () => {
    const found = await after.rows(`
      select rows, service_code as service, needed_since::varchar as since
      from warehouse.marts.fct_service_needs as needs
      join warehouse.marts.mart_worklist as worklist using (pseudonym)
      join named using (pseudonym)
      where is_gap and month = (select max(month) from warehouse.marts.fct_service_needs)`)
    const wanted = expected.service_gaps.map(({ rows, service, since }) => ({ rows: rows.toSorted(), service, since }))
    expect(sorted(found)).toEqual(sorted(wanted))
  })

  test('by service, as many people lack it, for the reasons that the agencies gave', async () => {
    const found = await after.rows(`
      select service_code as service, coalesce(unavailable_reason, 'None') as reason, count(distinct pseudonym)::integer as people
      from warehouse.marts.fct_service_needs as needs
      join warehouse.marts.mart_worklist as worklist using (pseudonym)
      where is_gap and month = (select max(month) from warehouse.marts.fct_service_needs)
      group by all`)
    const wanted = Object.entries(expected.service_gap_people).flatMap(([service, { reasons }]) =>
      Object.entries(reasons).map(([reason, people]) => ({ service, reason, people })),
    )
    expect(sorted(found)).toEqual(sorted(wanted))
  })

  test('each theme is recorded of as many people', async () => {
    const found = await after.rows(`
      select theme_code as theme, count(distinct person_id)::integer as people
      from register.issues
      join named using (person_id)
      join warehouse.marts.mart_worklist as worklist using (pseudonym)
      where theme_code is not null and ended_date is null
      group by all`)
    expect(Object.fromEntries(found.map((row) => [row['theme'], row['people']]))).toEqual(
      expected.themes_recorded_people,
    )
  })

  test('each C(E)TR is there, one that was not held without a day', async () => {
    const found = await after.rows(`
      select rows, kind, due_date::varchar as planned, held_on::varchar as held, outcome
      from register.cetrs join named using (person_id)`)
    expect(sorted(found)).toEqual(
      sorted(expected.ctrs.map((review) => ({ ...review, rows: review.rows.toSorted(), kind: kindOf(review) }))),
    )
  })

  test('each stay in hospital is there, with its days, whatever the hour', async () => {
    const found = await after.rows(`
      select
          rows, admitted_on::varchar as admitted, discharged_on::varchar as discharged, ward_security as security, mha_code as mha,
          is_known_stated as on_dsr_before
      from warehouse.marts.fct_admissions join named using (pseudonym)`)
    const wanted = expected.admissions.map(({ rows, admitted, discharged, security, mha, on_dsr_before }) => ({
      rows: rows.toSorted(),
      admitted,
      discharged,
      security,
      mha,
      on_dsr_before,
    }))
    expect(sorted(found)).toEqual(sorted(wanted))
  })
})

/** The trust's words for a C(E)TR in ours: a CETR is a community C(E)TR of a child. */
function kindOf({ kind }: Expected['ctrs'][number]): string {
  const kinds: Readonly<Record<string, string>> = {
    'Community CTR': 'community',
    CETR: 'community',
    LAEP: 'laep',
    'Post-admission CTR': 'post_admission',
    'Inpatient CTR': 'inpatient',
  }
  return kinds[kind] ?? kind
}
