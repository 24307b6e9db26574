import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { projectRoot } from '../../register/projectRoot.ts'
import { versionFiles } from '../../store/deployment.ts'
import { runDbt } from '../../transform/runDbt.ts'
import { transform, type TransformReport } from '../../transform/transform.ts'
import type { Row } from '../../transform/writeTable.ts'
import { asOf, many, manyRows, named, type Plain } from './inventedPeople.ts'
import { makeWarehouse, type MadeWarehouse } from './makeWarehouse.ts'

interface ModelFile {
  readonly models?: readonly {
    readonly name: string
    readonly description: string
    readonly columns: readonly { readonly name: string; readonly description?: string }[]
  }[]
}

let made: MadeWarehouse
let report: TransformReport
const tables = new Set([...Object.keys(named), ...Object.keys(manyRows)])

beforeAll(async () => {
  const rows = [...tables].map((table): [string, readonly Row[]] => [
    table,
    [...(named[table] ?? []), ...(manyRows[table] ?? [])],
  ])
  made = await makeWarehouse(asOf, Object.fromEntries(rows))
  report = await transform(made.step)
})

describe('the run', () => {
  test('builds every model and passes every test', () => {
    expect(report.models).toBeGreaterThan(55)
    expect(report.tests).toBeGreaterThan(80)
    expect(made.lines.at(-1)).toMatch(/^(\d+) of \1 models and tests$/)
  })

  test('follows each published column back to the register', () => {
    expect(report.publishedColumns).toBeGreaterThan(30)
  })

  test('leaves no write-ahead log and writes nothing into the source tree', () => {
    expect(readdirSync(made.step.versionFolder)).toEqual(['warehouse.duckdb'])
    const unwanted = ['target', 'logs', '.user.yml', 'dbt_packages'].filter((name) =>
      existsSync(join(projectRoot, 'transform', name)),
    )
    expect(unwanted).toEqual([])
  })

  test('keeps its working files in a folder that only the owner opens', () => {
    const work = join(made.step.deployment.work, 'dbt')
    expect(existsSync(join(work, 'manifest.json'))).toBe(true)
    expect(statSync(work).mode & 0o077).toBe(0)
    expect(statSync(dirname(work)).mode & 0o077).toBe(0)
  })

  test('tells the grain of each model and the meaning of each column', () => {
    const folder = join(projectRoot, 'transform/models')
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.yml'))
    const models = files.flatMap((file) => (parse(readFileSync(join(folder, file), 'utf8')) as ModelFile).models ?? [])
    expect(models.length).toBeGreaterThan(55)
    for (const { name, description, columns } of models) {
      expect([name, description]).toEqual([name, expect.stringMatching(/^One row\b/)])
      // An enforced contract names every column.
      expect([name, columns.filter((column) => !column.description)]).toEqual([name, []])
    }
  })
})

describe('worklist', () => {
  test('says of each person what is due, why, and how late it is', async () => {
    const rows = await made.ask(
      `select pseudonym, rating, due_on, due_because, days_overdue, is_overdue from marts.mart_worklist
       where responsible_icb_ods = 'QHM' order by pseudonym`,
    )
    const due = (
      pseudonym: string,
      rating: string,
      due_on: string,
      due_because: string,
      days_overdue: number,
    ): object => ({
      pseudonym,
      rating,
      due_on,
      due_because,
      days_overdue,
      is_overdue: days_overdue > 0,
    })
    expect(rows).toEqual([
      due('anna', 'green', '2026-11-18', 'last_review', -18),
      due('ben', 'red', '2026-10-27', 'last_review', 4),
      due('cara', 'amber', '2026-10-15', 'never_reviewed', 16),
      due('dev', 'red', '2026-10-17', 'rating_tightened', 14),
      due('elin', 'blue', '2026-11-12', 'admission', -12),
      due('finn', 'red', '2026-10-27', 'discharge', 4),
    ])
  })

  test('says what else needs looking at', async () => {
    const [anna] = await made.ask(
      `select last_review_on, rating_since, quiet_since, actions_overdue, disagreements, is_inpatient, is_never_reviewed,
         is_due_in_14_days from marts.mart_worklist where pseudonym = 'anna'`,
    )
    expect(anna).toEqual({
      last_review_on: '2026-08-20',
      rating_since: '2026-01-05',
      quiet_since: '2026-08-20',
      actions_overdue: 1,
      disagreements: 1,
      is_inpatient: false,
      is_never_reviewed: false,
      is_due_in_14_days: false,
    })
    const [elin] = await made.ask(
      `select is_inpatient, is_due_in_14_days from marts.mart_worklist where pseudonym = 'elin'`,
    )
    expect(elin).toEqual({ is_inpatient: true, is_due_in_14_days: true })
  })

  test('its overdue people are those of the reviews outstanding and late', async () => {
    const [counted] = await made.ask(
      `select (select count(*) from marts.mart_worklist where is_overdue) as listed,
              (select count(*) from marts.fct_reviews where is_outstanding and days_late > 0) as outstanding`,
    )
    expect(counted?.['listed']).toBeGreaterThan(4)
    expect(counted?.['outstanding']).toBe(counted?.['listed'])
  })

  test('a review held late is a row of its own with its lateness', async () => {
    const rows = await made.ask(
      `select pseudonym, due_on, held_on, left_on, days_late, is_outstanding from marts.fct_reviews
       where pseudonym in ('anna', 'gus') order by pseudonym, judged_on`,
    )
    expect(rows).toEqual([
      {
        pseudonym: 'anna',
        due_on: '2026-04-05',
        held_on: '2026-08-20',
        left_on: null,
        days_late: 137,
        is_outstanding: false,
      },
      { pseudonym: 'anna', due_on: '2026-11-18', held_on: null, left_on: null, days_late: 0, is_outstanding: true },
      {
        pseudonym: 'gus',
        due_on: '2026-05-02',
        held_on: '2026-02-10',
        left_on: null,
        days_late: 0,
        is_outstanding: false,
      },
      {
        pseudonym: 'gus',
        due_on: '2026-05-11',
        held_on: null,
        left_on: '2026-09-15',
        days_late: 127,
        is_outstanding: false,
      },
    ])
  })
})

describe('admissions, themes and needs', () => {
  test('stays of one person that touch are one admission, known or not to the register before', async () => {
    const rows = await made.ask(
      `select pseudonym, admitted_on, discharged_on, stays, is_known_before, is_known_stated, is_statutory_only, rating_before
       from marts.fct_admissions order by pseudonym`,
    )
    expect(rows).toEqual([
      {
        pseudonym: 'elin',
        admitted_on: '2026-10-15',
        discharged_on: null,
        stays: 1,
        is_known_before: true,
        is_known_stated: null,
        is_statutory_only: false,
        rating_before: 'green',
      },
      {
        pseudonym: 'finn',
        admitted_on: '2026-09-01',
        discharged_on: '2026-10-20',
        stays: 2,
        is_known_before: true,
        is_known_stated: null,
        is_statutory_only: false,
        rating_before: 'green',
      },
      {
        pseudonym: 'zoe',
        admitted_on: '2026-05-01',
        discharged_on: null,
        stays: 1,
        is_known_before: false,
        is_known_stated: true,
        is_statutory_only: true,
        rating_before: null,
      },
    ])
  })

  test('a theme found in a note and one an agency coded are both current', async () => {
    const rows = await made.ask(
      `select theme_code, coded_from, first_seen_on, ended_on from marts.fct_theme_periods where pseudonym = 'anna' order by theme_code`,
    )
    expect(rows).toEqual([
      { theme_code: 'T01', coded_from: 'from_text', first_seen_on: '2026-08-20', ended_on: null },
      { theme_code: 'T09', coded_from: 'recorded', first_seen_on: '2026-08-20', ended_on: null },
    ])
  })

  test('a need is a gap from the month by whose end it has been unmet for 28 days', async () => {
    const rows = await made.ask(
      `select service_code, month, state, unavailable_reason, is_gap from marts.fct_service_needs
       where pseudonym = 'anna' and month >= date '2026-08-01' order by service_code, month`,
    )
    const need = (
      service_code: string,
      month: string,
      state: string,
      reason: string | null,
      is_gap: boolean,
    ): object => ({
      service_code,
      month,
      state,
      unavailable_reason: reason,
      is_gap,
    })
    expect(rows).toEqual([
      need('S01', '2026-08-01', 'waiting', null, true),
      need('S01', '2026-09-01', 'waiting', null, true),
      need('S26', '2026-08-01', 'unavailable', 'U01', false),
      need('S26', '2026-09-01', 'unavailable', 'U01', true),
    ])
  })

  test('the timeline holds what happened, once, in codes', async () => {
    const rows = await made.ask(
      `select happened_on, ended_on, event, detail, detail_list from marts.mart_timeline where pseudonym = 'finn' order by happened_on, event`,
    )
    const event = (
      happened_on: string,
      ended_on: string | null,
      name: string,
      detail: string | null,
      list: string | null,
    ): object => ({
      happened_on,
      ended_on,
      event: name,
      detail,
      detail_list: list,
    })
    expect(rows).toEqual([
      event('2026-02-01', null, 'accepted', null, null),
      event('2026-02-01', '2026-09-01', 'rating', 'green', 'ratings'),
      event('2026-08-01', null, 'review', 'dsr', 'review_kinds'),
      event('2026-09-01', '2026-10-20', 'admission', null, null),
      event('2026-09-01', '2026-10-20', 'rating', 'blue', 'ratings'),
      event('2026-10-20', null, 'discharge', null, null),
      event('2026-10-20', null, 'rating', 'red', 'ratings'),
    ])
  })
})

describe('measures', () => {
  test('people by rating are the same by ten lines of TypeScript', async () => {
    const counted = await made.ask(
      `select strftime(month, '%Y-%m') as month, place, breakdown, people, record_key_sum from marts.measures_monthly
       where measure = 'people' and place in ('QF7', 'QOQ') and breakdown <> 'not_rated'`,
    )
    expect(counted).toHaveLength(12 * 2 * 5)
    for (const { month, place, breakdown, people, record_key_sum } of counted) {
      const there = many.filter(
        (person) => ratingAt(person, lastDayOf(String(month))) !== null && person.responsible_icb_ods === place,
      )
      const these = there.filter(
        (person) => breakdown === 'all' || ratingAt(person, lastDayOf(String(month))) === breakdown,
      )
      const keys = these.reduce((sum, person) => sum + person.record_key, 0) % 256
      expect({ month, place, breakdown, people, record_key_sum }).toEqual({
        month,
        place,
        breakdown,
        people: these.length,
        record_key_sum: keys,
      })
    }
  })

  test('a gap without a recorded reason counts as other or not known', async () => {
    const rows = await made.ask(
      `select breakdown, people, out_of from marts.measures_monthly
       where measure = 'gap_people' and place = 'all' and month = date '2026-09-01' and people > 0 order by breakdown`,
    )
    expect(rows.map((row) => row['breakdown'])).toEqual(['F01|U99', 'F04|U01', 'S01', 'S26'])
  })
})

describe('published cells', () => {
  test('none and one to four look the same, all else is a multiple of five near the count', async () => {
    const cells = await made.ask(
      `select counted.people, published.value, published.state
       from published.pub_people_by_rating_month as published
       inner join marts.measures_monthly as counted
         on counted.measure = 'people' and counted.month = published.month and counted.place = published.place
         and counted.breakdown = published.rating`,
    )
    const peopleOf = (row: Record<string, unknown>): number => Number(row['people'])
    const hidden = cells.filter((cell) => cell['state'] === 'suppressed')
    expect(new Set(hidden.map((cell) => cell['value']))).toEqual(new Set([null]))
    expect(hidden.some((cell) => peopleOf(cell) === 0)).toBe(true)
    expect(hidden.some((cell) => [3, 4].includes(peopleOf(cell)))).toBe(true)
    expect(cells.filter((cell) => peopleOf(cell) < 3).every((cell) => cell['state'] === 'suppressed')).toBe(true)
    const shown = cells.filter((cell) => cell['state'] === 'shown')
    expect(shown.length).toBeGreaterThan(10)
    for (const cell of shown) {
      expect(Number(cell['value']) % 5).toBe(0)
      // The key moves a count by two at most, rounding by two more.
      expect(Math.abs(Number(cell['value']) - peopleOf(cell))).toBeLessThanOrEqual(4)
    }
  })

  test('each cell is what the look-up table and two lines of TypeScript make of its count', async () => {
    const cells = await made.ask(
      `select counted.people, published.value, rule.change
       from published.pub_reviews_by_rating_month as published
       inner join marts.measures_monthly as counted using (measure, month, place)
       inner join intermediate.cell_rule as rule
         on rule.rule = 'nhs-lda-keyed' and rule.pcv = counted.people and rule.ckey = counted.record_key_sum
       where counted.breakdown = published.rating`,
    )
    expect(cells).toHaveLength(12 * 3 * 5 * 2)
    for (const { people, value, change } of cells) {
      const changed = Number(people) + Number(change)
      expect(value).toBe(changed < 5 ? null : 5 * Math.round(changed / 5))
    }
  })

  test('a month without anyone has its cells all the same', async () => {
    const [counted] = await made.ask(
      `select count(distinct month) as months, count(*) as cells from published.pub_themes_by_month where place = 'QF7'`,
    )
    expect(counted).toEqual({ months: 12, cells: 12 * 33 })
  })
})

describe('dbt unit tests', () => {
  test('each sentence of the rules holds for the people of its example', async () => {
    const { warehouse } = versionFiles(made.step.versionFolder)
    const work = join(made.step.deployment.work, 'unit')
    const result = await runDbt({
      warehouse,
      work,
      command: ['test', '--select', 'test_type:unit'],
      progress: () => undefined,
    })
    expect(result.outcomes.get('fail') ?? []).toEqual([])
    expect(result.isDone).toBe(true)
    expect(result.outcomes.get('pass')?.length).toBeGreaterThanOrEqual(19)
  })
})

/** Rating of someone without hospital stays on a day; null when not on the register. */
function ratingAt(person: Plain, day: string): string | null {
  if (person.accepted > day || (person.closed !== null && person.closed <= day)) return null
  const held = [
    { from: person.accepted, rating: person.rating },
    { from: person.again, rating: person.ratingAgain },
  ].filter((rated) => rated.from <= day)
  return held.sort((a, b) => (a.from < b.from ? 1 : -1))[0]?.rating ?? null
}

function lastDayOf(month: string): string {
  const [year, number] = month.split('-').map(Number)
  return new Date(Date.UTC(year ?? 0, number ?? 0, 0)).toISOString().slice(0, 10)
}
