import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { IngestReport } from '../../ingest/ingest.ts'
import type { QuarantinedRow } from '../../ingest/quarantine.ts'
import { makeDeployment, samples, withSamples, type TestDeployment } from './deployment.ts'
import { readExpected } from './expected.ts'

const expected = readExpected()

describe('the sample extracts, by contract alone', () => {
  let made: TestDeployment
  let report: IngestReport
  let quarantine: readonly QuarantinedRow[]
  let personOf: ReadonlyMap<string, string>

  beforeAll(async () => {
    made = withSamples()
    report = await made.ingest()
    quarantine = await made.quarantine()
    const rows = await made.register(`select feed || '#' || local_id as who, person_id from agency_records`)
    personOf = new Map(rows.map((row) => [String(row['who']), String(row['person_id'])]))
  }, 60_000)
  afterAll(() => made.remove())

  it.each(expected.files)('$feed $sheet: every record is accepted, quarantined or a double', ({ feed, ...counts }) => {
    const landed = report.landed.find((file) => file.feed === feed)
    expect(landed?.tallies.find(({ sheet }) => sheet === counts.sheet)).toMatchObject(counts)
  })

  it('names the line, the column and the kind of each bad record, and no other', () => {
    const rejected = quarantine.filter((row) => row.severity === 'reject')
    // A record that is broken as a whole has no column.
    const whole = new Set(['wrong_number_of_columns', 'broken_line'])
    const wanted = expected.quarantined.map(
      ({ feed, sheet, line, code, column }) => `${feed} ${sheet} ${line} ${code} ${whole.has(code) ? '' : column}`,
    )
    const found = rejected.map(({ feed, sheet, row, code, column }) => `${feed} ${sheet} ${row} ${code} ${column}`)
    expect(found.toSorted()).toEqual(wanted.toSorted())
  })

  it('flags the record whose NHS number a later one has as well', () => {
    const flagged = quarantine.filter(({ severity, code }) => severity === 'warn' && code.startsWith('nhs_number'))
    expect(flagged).toMatchObject([
      { feed: 'mental_health_trust', row: 22, column: 'NHS no', code: 'nhs_number_also_of_another' },
    ])
  })

  it('finds the exact double', () => {
    const found = quarantine
      .filter((row) => row.code === 'duplicate_record')
      .map(({ feed, row }) => ({ feed, line: row }))
    expect(found).toEqual(expected.duplicates)
  })

  it('keeps off the register those without a basis, and only those', () => {
    const isOn = (person: { readonly rows: readonly string[] }): boolean => person.rows.some((row) => personOf.has(row))
    const having = (...statuses: readonly string[]): typeof expected.people =>
      expected.people.filter(({ status }) => statuses.includes(status))
    expect(having('excluded')).toHaveLength(expected.excluded.length)
    expect(having('excluded').filter(isOn)).toEqual([])
    expect(having('active', 'closed').filter((person) => !isOn(person))).toEqual([])
  })

  it('keeps a basis that has lapsed or that a birthday has overtaken on the register, to be renewed', async () => {
    const overtaken = await made.register(
      `select feed || '#' || local_id as who from persons join agency_records using (person_id) where consent_state <> 'valid' order by who`,
    )
    expect(overtaken.map((row) => row['who'])).toEqual(expected.consent_to_renew)
  })

  it('makes one person of the rows that are surely one', () => {
    const onRegister = expected.links.must_link.filter((rows) => rows.every((row) => personOf.has(row)))
    expect(onRegister).toHaveLength(16)
    expect(onRegister.filter((rows) => new Set(rows.map((row) => personOf.get(row))).size > 1)).toEqual([])
  })

  it('asks about the pairs that a careful reader would ask about, or joins them where they are alike beyond doubt', async () => {
    const questions = await made.register(
      `select list_sort([one_feed || '#' || one_local_id, other_feed || '#' || other_local_id]) as rows from link_questions`,
    )
    const fair = expected.links.ask.map((rows) => rows.toSorted())
    const asked = questions.map((row) => row['rows'])
    expect(fair).toEqual(expect.arrayContaining(asked))
    const open = fair.filter((rows) => !asked.some((other) => JSON.stringify(other) === JSON.stringify(rows)))
    expect(open.filter(([one = '', other = '']) => personOf.get(one) !== personOf.get(other))).toEqual([])
  })

  it('never makes one person of twins, of father and son, or of two with one number', () => {
    const joined = expected.links.must_not_link.filter(
      ([one = '', other = '']) => personOf.has(one) && personOf.get(one) === personOf.get(other),
    )
    expect(joined).toEqual([])
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
          (select coalesce(list(distinct theme_code order by theme_code), []) from issues where person_id = persons.person_id and ended_date is null and theme_code is not null) as themes,
          (select coalesce(list(distinct name order by name), []) from professionals where person_id = persons.person_id) as professionals
      from persons
      join agency_records using (person_id)`)
    // Those about whom somebody has to be asked first are whole only once that is decided.
    const asked = new Set(expected.links.ask.flat())
    const sure = expected.people.filter(
      (person) => person.status === 'active' && !person.rows.some((row) => asked.has(row)),
    )
    expect(sure).toHaveLength(expected.counts_by_rating.after_decisions.total - expected.links.ask.length)
    const found = sure.map((person) => rows.find((row) => person.rows.includes(String(row['who']))))
    expect(found).toMatchObject(
      sure.map((person) => ({
        consent: person.consent,
        rating: person.rating,
        rating_from: person.rating_from,
        last_review: person.last_review,
        themes: person.themes ?? [],
        ...(person.strategies === null ? {} : { strategies: person.strategies }),
        professionals: person.professionals ?? [],
      })),
    )
  })

  it('turns miles into kilometres', async () => {
    const rows = await made.register('select distance_km from admissions order by distance_km')
    expect(rows.map((row) => row['distance_km'])).toEqual([6, 6, 10, 14, 84, 93])
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
