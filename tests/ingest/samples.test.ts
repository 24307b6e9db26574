import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { IngestReport } from '../../ingest/ingest.ts'
import type { QuarantinedRow } from '../../ingest/quarantine.ts'
import { makeDeployment, samples, withSamples, type TestDeployment } from './deployment.ts'

interface Expected {
  readonly files: Readonly<Record<string, { read: number; accepted: number; quarantined: number; duplicates: number }>>
  readonly quarantined: readonly { feed: string; line: number; code: string; column: string }[]
  readonly duplicates: readonly { feed: string; line: number }[]
  readonly consent_to_renew: readonly string[]
  readonly people: readonly {
    rows: string[]
    status: string
    reason: string | null
    consent: string | null
    rating: string | null
    rating_from: string | null
    last_review: string | null
    strategies: string[]
    themes: string[] | null
    professionals: string[] | null
  }[]
}

const expected = JSON.parse(readFileSync(join(samples, 'expected.json'), 'utf8')) as Expected

describe('the sample extracts, by contract alone', () => {
  let made: TestDeployment
  let report: IngestReport
  let quarantine: readonly QuarantinedRow[]

  beforeAll(async () => {
    made = withSamples()
    report = await made.ingest()
    quarantine = await made.quarantine()
  }, 60_000)
  afterAll(() => made.remove())

  it.each(Object.entries(expected.files))('%s: every record is accepted, quarantined or a double', (feed, counts) => {
    const landed = report.landed.find((file) => file.feed === feed)
    expect(landed?.tallies).toMatchObject([counts])
  })

  it('names the line, the column and the kind of each bad record, and no other', () => {
    const rejected = quarantine.filter((row) => row.severity === 'reject')
    const kinds = rejected.map(({ feed, row, code }) => `${feed} ${row} ${code}`)
    expect(kinds.toSorted()).toEqual(
      expected.quarantined.map((row) => `${row.feed} ${row.line} ${row.code}`).toSorted(),
    )
    // A record that is broken as a whole has no column.
    const columns = rejected.filter((row) => row.column !== '').map((row) => `${row.feed} ${row.row} ${row.column}`)
    const whole = new Set(['wrong_number_of_columns', 'broken_line'])
    const wanted = expected.quarantined.filter(({ code }) => !whole.has(code))
    expect(columns.toSorted()).toEqual(wanted.map((row) => `${row.feed} ${row.line} ${row.column}`).toSorted())
  })

  it('finds the exact double', () => {
    const found = quarantine
      .filter((row) => row.code === 'duplicate_record')
      .map(({ feed, row }) => ({ feed, line: row }))
    expect(found).toEqual(expected.duplicates)
  })

  it('keeps off the register those without a basis, and only those', async () => {
    const rows = await made.register(`select feed || '#' || local_id as who from agency_records`)
    const onRegister = new Set(rows.map((row) => row['who']))
    const isOn = (person: { readonly rows: readonly string[] }): boolean =>
      person.rows.some((row) => onRegister.has(row))
    const having = (...statuses: readonly string[]): Expected['people'] =>
      expected.people.filter(({ status }) => statuses.includes(status))
    expect(having('excluded').length).toBeGreaterThan(3)
    expect(having('excluded').filter(isOn)).toEqual([])
    expect(having('active', 'closed').filter((person) => !isOn(person))).toEqual([])
    expect(report.excluded).toEqual({ K90: 2, K91: 2, K92: 1, K93: 0 })
  })

  it('keeps a basis that a birthday has overtaken on the register, to be renewed', async () => {
    const overtaken = await made.register(
      `select feed || '#' || local_id as who from persons join agency_records using (person_id) where consent_state <> 'valid' order by who`,
    )
    expect(overtaken.map((row) => row['who'])).toEqual(expected.consent_to_renew)
  })

  it('gives each person the rating, the last review, the consent and the rest that the files hold', async () => {
    const rows = await made.register(`
      select
          agency_records.feed || '#' || agency_records.local_id as who,
          persons.consent_basis as consent,
          (select arg_max(rating, effective_from) from ratings where person_id = persons.person_id) as rating,
          (
              -- The present stretch began after the last other rating; a second agency that says the same begins none.
              select min(effective_from)::varchar
              from ratings as mine
              where mine.person_id = persons.person_id and mine.effective_from > coalesce((
                  select max(other.effective_from) from ratings as other
                  where other.person_id = persons.person_id
                      and other.rating <> (select arg_max(rating, effective_from) from ratings where person_id = persons.person_id)
              ), date '1900-01-01')
          ) as rating_from,
          (select max(held_on)::varchar from reviews where person_id = persons.person_id and kind = 'dsr') as last_review,
          (select coalesce(list(distinct strategy_code || ' ' || coalesce(outcome, 'unknown') order by strategy_code || ' ' || coalesce(outcome, 'unknown')), []) from strategies where person_id = persons.person_id and strategy_code is not null) as strategies,
          (select coalesce(list(distinct theme_code order by theme_code), []) from issues where person_id = persons.person_id and ended_date is null) as themes,
          (select coalesce(list(distinct name order by name), []) from professionals where person_id = persons.person_id) as professionals
      from persons
      join agency_records using (person_id)`)
    const active = expected.people.filter((person) => person.status === 'active')
    expect(active.length).toBeGreaterThan(15)
    const found = active.map((person) => rows.find((row) => person.rows.includes(String(row['who']))))
    expect(found).toMatchObject(
      active.map((person) => ({
        consent: person.consent,
        rating: person.rating,
        rating_from: person.rating_from,
        last_review: person.last_review,
        themes: person.themes ?? [],
        strategies: person.strategies.toSorted(),
        professionals: (person.professionals ?? []).toSorted(),
      })),
    )
  })
})

describe('JSON lines of a small agency', () => {
  let made: TestDeployment
  beforeEach(() => {
    made = makeDeployment()
    cpSync(join(samples, 'childrens_services.yml'), join(made.deployment.sources, 'childrens_services.yml'))
  })
  afterEach(() => made.remove())

  it('may have a list that is empty, or a group of values that is null, in every record', async () => {
    const [line = ''] = readFileSync(join(samples, 'childrens_services.ndjson'), 'utf8').split('\n')
    const child = JSON.parse(line) as Record<string, unknown>
    const quiet = { ...child, tried: [], ideas: null, reviews: [], register: null }
    made.extract('childrens_services', 'a.ndjson', JSON.stringify(quiet))
    expect((await made.ingest()).landed[0]?.tallies).toMatchObject([{ read: 1, accepted: 1 }])
  })

  it('are still stopped by a list that nobody mapped', async () => {
    const [line = ''] = readFileSync(join(samples, 'childrens_services.ndjson'), 'utf8').split('\n')
    const child = JSON.parse(line) as Record<string, unknown>
    made.extract('childrens_services', 'a.ndjson', JSON.stringify({ ...child, pets: [{ name: 'Rex' }] }))
    await expect(made.ingest()).rejects.toThrow('value “pets.name” is unknown')
  })
})
