import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { tableFromIPC } from 'apache-arrow'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { versionFiles, type Deployment } from '../../store/deployment.ts'
import { readKey } from '../../store/keys.ts'
import { openDuckDB, type Database } from '../../store/openDuckDB.ts'
import { currentRelease, currentVersion } from '../../store/versions.ts'
import { servedDemo } from './dsr.ts'

// What was planted in the made-up people, against what the whole pipeline makes of their agencies' files. The truth is
// worked out by demo/ in plain TypeScript from the simulated lives, never from the pipeline.

interface Listed {
  readonly nhs_number: string
  readonly due_on: string
  readonly days_overdue: number
  readonly due_because: string
  readonly due_from_on: string
  readonly due_rating: string
}

interface Truth {
  readonly register: {
    readonly past_the_gate: number
    readonly open: number
    readonly by_rating: Readonly<Record<string, Readonly<Record<string, number>>>>
  }
  readonly months: readonly { readonly month: string; readonly people: Readonly<Record<string, number>> }[]
  readonly rising_theme: {
    readonly theme: string
    readonly icb: string
    readonly planted: readonly { readonly month: string; readonly people: number }[]
  }
  readonly missing_service: {
    readonly service: string
    readonly icb: string
    readonly reason: string
    readonly people_with_gap: number
  }
  readonly statutory_only: { readonly people: number }
  readonly lists: Readonly<Record<string, readonly Listed[]>>
}

let deployment: Deployment
let database: Database
let truth: Truth

beforeAll(async () => {
  deployment = await servedDemo(1200)
  truth = JSON.parse(readFileSync(join(deployment.home, 'truth.json'), 'utf8')) as Truth
  const { register, warehouse } = versionFiles(currentVersion(deployment) ?? '')
  database = await openDuckDB({
    attach: [
      { path: register, alias: 'register', key: readKey(deployment, 'store'), readOnly: true },
      { path: warehouse, alias: 'warehouse', readOnly: true },
    ],
  })
})

afterAll(() => database.close())

async function rows(sql: string): Promise<Record<string, unknown>[]> {
  return (await database.connection.runAndReadAll(sql)).getRowObjectsJson()
}

const numbersOf = (list: string): string[] => (truth.lists[list] ?? []).map((person) => person.nhs_number).sort()

const worklist = `warehouse.marts.mart_worklist as worklist
  join register.pseudonyms as pseudonyms on pseudonyms.pseudonym = worklist.pseudonym
  join register.persons as persons on persons.person_id = pseudonyms.person_id`

describe('reviews', () => {
  test('each overdue person is on the worklist with the day, the reason and the days of the truth', async () => {
    const found = await rows(
      `select persons.nhs_number, strftime(due_on, '%Y-%m-%d') as due_on, days_overdue, due_because,
              strftime(due_from_on, '%Y-%m-%d') as due_from_on, due_rating
       from ${worklist} where is_overdue and persons.nhs_number is not null`,
    )
    const expected = (truth.lists['overdue'] ?? [])
      .filter((person) => person.nhs_number)
      .map(({ nhs_number, due_on, days_overdue, due_because, due_from_on, due_rating }) => ({
        nhs_number,
        due_on,
        days_overdue,
        due_because,
        due_from_on,
        due_rating,
      }))
    const byNumber = (a: { nhs_number?: unknown }, b: { nhs_number?: unknown }): number =>
      String(a.nhs_number) < String(b.nhs_number) ? -1 : 1
    expect(expected.length).toBeGreaterThan(80)
    expect(found.sort(byNumber)).toEqual(expected.sort(byNumber))
  })

  test('those never reviewed are known as such', async () => {
    const found = await rows(
      `select persons.nhs_number as number from ${worklist} where is_never_reviewed and persons.nhs_number is not null`,
    )
    expect(found.map((row) => String(row['number'])).sort()).toEqual(numbersOf('never_reviewed').filter(Boolean))
  })

  test('those whose consent is to be renewed are known as such', async () => {
    const found = await rows(
      `select persons.nhs_number as number from ${worklist} where worklist.consent_state <> 'valid'`,
    )
    expect(found.map((row) => row['number'])).toEqual(expect.arrayContaining(numbersOf('consent_to_renew').slice(0, 1)))
    expect(found.length).toBeGreaterThan(0)
  })
})

describe('people', () => {
  test('as many are on the register as have come past the gate, and as many open', async () => {
    const [people] = await rows('select count(*)::int as n from warehouse.marts.dim_people')
    const [open] = await rows('select count(*)::int as n from warehouse.marts.mart_worklist')
    expect([people?.['n'], open?.['n']]).toEqual([truth.register.past_the_gate, truth.register.open])
  })

  test('by rating and place, the worklist counts what the truth counts', async () => {
    const found = await rows(
      `select responsible_icb_ods as icb, rating, count(*)::int as n from warehouse.marts.mart_worklist group by all`,
    )
    for (const [icb, ratings] of Object.entries(truth.register.by_rating).filter(([name]) => name !== 'all')) {
      const counted = Object.fromEntries(
        found.filter((row) => row['icb'] === icb).map((row) => [row['rating'], row['n']]),
      )
      expect(counted).toEqual(ratings)
    }
  })

  test('at the end of each of 36 months, the measures count what the truth counts', async () => {
    const found = await rows(
      `select strftime(month, '%Y-%m-%d') as month, breakdown as rating, people
       from warehouse.marts.measures_monthly
       where measure = 'people' and place = 'all' and breakdown_kind = 'rating' and breakdown in ('red', 'amber', 'green', 'blue')`,
    )
    expect(truth.months).toHaveLength(36)
    for (const { month, people } of truth.months) {
      const counted = Object.fromEntries(
        found.filter((row) => row['month'] === month).map((row) => [row['rating'], row['people']]),
      )
      expect([month, counted]).toEqual([month, { red: 0, amber: 0, green: 0, blue: 0, ...people }])
    }
  })

  test('a person known to three agencies is one person', async () => {
    const found = await rows(
      `select count(*)::int as n, count(distinct person_id)::int as people from register.persons
       where nhs_number in (${numbersOf('three_agencies')
         .map((number) => `'${number}'`)
         .join(', ')})`,
    )
    const expected = numbersOf('three_agencies').length
    expect(expected).toBeGreaterThan(10)
    expect(found).toEqual([{ n: expected, people: expected }])
  })

  test('those admitted who were not on the register are counted, and have no case', async () => {
    const [stays] = await rows(
      `select count(distinct pseudonym)::int as n from warehouse.marts.fct_admissions
       where not is_known_before and pseudonym not in (select pseudonym from warehouse.marts.dim_people)`,
    )
    const [cases] = await rows(
      `select count(*)::int as n from register.persons where nhs_number in (${numbersOf('statutory_only')
        .map((number) => `'${number}'`)
        .join(', ')})`,
    )
    expect([stays?.['n'], cases?.['n']]).toEqual([truth.statutory_only.people, 0])
  })
})

describe('themes and gaps', () => {
  test('the rising theme is found in at least the people in whom it was planted, and rises on the published page', async () => {
    const { theme, icb, planted } = truth.rising_theme
    const found = await rows(
      `select strftime(month, '%Y-%m-%d') as month, people from warehouse.marts.measures_monthly
       where measure = 'theme_people' and place = '${icb}' and breakdown = '${theme}' order by month`,
    )
    const before = found.findIndex((row) => row['month'] === planted[0]?.month)
    expect(Number(found.at(-1)?.['people'])).toBeGreaterThan(2 * Number(found[before - 1]?.['people']))
    for (const { month, people } of planted) {
      const exact = Number(found.find((row) => row['month'] === month)?.['people'])
      expect(exact).toBeGreaterThanOrEqual(people)
    }
    const release = tableFromIPC(readFileSync(join(currentRelease(deployment) ?? '', 'themes_by_month.arrow')))
    const published = release
      .toArray()
      .map((row) => JSON.parse(JSON.stringify(row)) as Record<string, unknown>)
      .filter((row) => row['place'] === icb && row['theme_code'] === theme)
      .sort((a, b) => (String(a['month']) < String(b['month']) ? -1 : 1))
    expect(Number(published.at(-1)?.['value'])).toBeGreaterThan(Number(published.at(-10)?.['value'] ?? 4))
  })

  test('the service that is missing in one place is missing there and nowhere else', async () => {
    const { service, icb, reason, people_with_gap } = truth.missing_service
    const found = await rows(
      `select people.responsible_icb_ods as icb, count(*)::int as n
       from warehouse.marts.fct_service_needs as needs
       join warehouse.marts.dim_people as people on people.pseudonym = needs.pseudonym
       where needs.service_code = '${service}' and needs.unavailable_reason = '${reason}' and needs.is_gap
         and needs.month = (select max(month) from warehouse.marts.fct_service_needs)
       group by all`,
    )
    expect(found).toEqual([{ icb, n: people_with_gap }])
  })
})
