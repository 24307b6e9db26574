import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import iconv from 'iconv-lite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeDemo } from '../../demo/makeDemo.ts'
import type { Truth } from '../../demo/truth.ts'
import { dayOf, isoDay, monthStart } from '../../demo/world/days.ts'
import { makePeople, type World } from '../../demo/world/makePeople.ts'
import { plainNotes, themeNotes } from '../../demo/world/notes.ts'
import { readPlaces } from '../../demo/world/place.ts'
import { readContracts } from '../../ingest/readContracts.ts'
import { isNhsNumber } from '../../register/nhsNumber.ts'
import { readCodes } from '../../register/readCodes.ts'
import { deploymentAt, readSettings } from '../../store/deployment.ts'

const folder = mkdtempSync(join(tmpdir(), 'dsr-demo-'))
afterAll(() => rmSync(folder, { recursive: true }))
const at = (name: string) => deploymentAt(join(folder, name))

describe('a demo of 60 people', () => {
  beforeAll(async () => {
    await makeDemo(at('first'), { people: 60 })
    await makeDemo(at('second'), { people: 60 })
    await makeDemo(at('other'), { people: 60, seed: 7 })
  })

  test('the same seed gives the same bytes', () => {
    expect(digests('second')).toEqual(digests('first'))
    expect(Object.keys(digests('first'))).toContain('extracts/trust/dsr_caseload_2026-10-31.xlsx')
  })

  test('another seed gives other people', () => {
    const [first, other] = [digests('first'), digests('other')]
    const changed = Object.keys(first).filter((file) => first[file] !== other[file])
    expect(changed.filter((file) => file.startsWith('extracts/'))).toHaveLength(5)
  })

  test('the settings and contracts are ones that the pipeline accepts', () => {
    expect(readSettings(at('first'))).toMatchObject({
      made_up: true,
      as_of: '2026-11-01',
      icbs: ['QOQ', 'QF7', 'QWO', 'QHM'],
    })
    expect(readContracts(at('first')).map(({ feed }) => feed)).toEqual([
      'childrens_services',
      'councils',
      'inpatient_commissioning',
      'provider',
      'trust',
    ])
  })

  test('every feed adds up', () => {
    for (const { read, accepted, quarantined, duplicates, bad_rows } of Object.values(truthOf('first').feeds)) {
      expect(accepted + quarantined + duplicates).toBe(read)
      expect(bad_rows).toHaveLength(quarantined + duplicates)
    }
  })

  test('a bad row stands on the line that the truth names', () => {
    const file = join(at('first').extracts, 'councils/adult_social_care_2026-10-30.csv')
    const lines = iconv.decode(readFileSync(file), 'windows-1252').split('\r\n')
    const purple = truthOf('first').feeds.councils.bad_rows.find(({ code }) => code === 'code_not_in_list')
    expect(lines[(purple?.line ?? 0) - 1]).toContain(',Purple,')
    expect(lines.filter((line) => line.includes(',Purple,'))).toHaveLength(1)
  })

  test('too few or too many people are refused', async () => {
    await expect(makeDemo(at('none'), { people: 3 })).rejects.toThrow('from 50 to 1,000,000')
    expect(existsSync(at('none').settingsFile)).toBe(false)
  })
})

describe('the people of the demo as it ships', () => {
  const people = [...makePeople(worldOf(1200))]
  const registered = people.filter(({ path }) => path === 'register')

  test('every NHS number is valid, of the 999 range, and one person’s', () => {
    const numbers = people.flatMap(({ nhsNumber }) => nhsNumber ?? [])
    expect(numbers.filter((number) => !isNhsNumber(number) || !number.startsWith('999'))).toEqual([])
    expect(new Set(numbers).size).toBe(numbers.length)
    expect(people.length - numbers.length).toBe(36)
  })

  test('between 850 and 950 people are on the register, and much as many three years before', () => {
    const openOn = (day: number): number =>
      registered.filter(({ entries }) =>
        entries.some(
          ({ accepted, closed }) => accepted !== null && accepted <= day && (closed === null || closed > day),
        ),
      ).length
    expect(openOn(dayOf('2026-10-31'))).toBeGreaterThanOrEqual(850)
    expect(openOn(dayOf('2026-10-31'))).toBeLessThanOrEqual(950)
    expect(openOn(dayOf('2023-11-30'))).toBeGreaterThan(600)
  })

  test('nobody is on the register without consent that came first', () => {
    for (const { consents, entries } of registered) {
      const [accepted] = entries.flatMap((entry) => entry.accepted ?? [])
      expect(consents[0]?.decided).toBeLessThanOrEqual(accepted ?? -1)
    }
  })

  test('each basis of consent fits the age on the day of the decision', () => {
    const ages: Readonly<Record<string, readonly [number, number]>> = {
      K01: [18, 200],
      K02: [16, 17],
      K03: [0, 15],
      K04: [0, 15],
      K05: [16, 17],
      K06: [16, 200],
      K07: [16, 200],
      K08: [0, 17],
    }
    for (const { consents, born } of registered) {
      for (const { basis, decided } of consents) {
        const [low, high] = ages[basis] ?? [999, 0]
        const age = Math.floor((decided - born) / 365.25 + 0.003)
        expect(age).toBeGreaterThanOrEqual(low)
        expect(age).toBeLessThanOrEqual(high)
      }
    }
  })

  test('blue is recorded on the day of an admission and ends with the stay', () => {
    for (const { stays, ratings } of registered) {
      const from = (wanted: (rating: string) => boolean) =>
        ratings.filter(({ rating }) => wanted(rating)).map((rating) => rating.from)
      expect(from((rating) => rating === 'blue')).toEqual(expect.arrayContaining(stays.map(({ admitted }) => admitted)))
      expect(from((rating) => rating !== 'blue')).toEqual(
        expect.arrayContaining(stays.flatMap(({ discharged }) => discharged ?? [])),
      )
      expect(
        ratings
          .filter(({ rating }) => rating === 'blue')
          .every(({ from }) =>
            stays.some(({ admitted, discharged }) => admitted <= from && (discharged === null || from < discharged)),
          ),
      ).toBe(true)
    }
  })

  test('stays of one person do not overlap', () => {
    for (const { stays } of registered) {
      stays.slice(1).forEach(({ admitted }, index) => expect(stays[index]?.discharged).toBeLessThanOrEqual(admitted))
    }
  })

  test('nothing happens before acceptance or after the last day on record', () => {
    const until = dayOf('2026-10-30')
    for (const { reviews, ratings, stays, issues, entries } of registered) {
      const [accepted = 0] = entries.flatMap((entry) => entry.accepted ?? [])
      const days = [
        ...reviews,
        ...ratings.map(({ from }) => from),
        ...stays.map(({ admitted }) => admitted),
        ...issues.flatMap(({ mentioned }) => mentioned),
      ]
      expect(days.filter((day) => day < accepted || day > until)).toEqual([])
    }
  })

  test('a missing crisis house is missing in one ICB and nowhere else', () => {
    const lacking = people.filter(({ actions }) => actions.some(({ unavailableReason }) => unavailableReason === 'U01'))
    expect(new Set(lacking.map(({ icb }) => icb))).toEqual(new Set(['QOQ']))
    expect(lacking.length).toBeGreaterThan(20)
    expect(people.some(({ icb, actions }) => icb !== 'QOQ' && actions.some(({ service }) => service === 'S09'))).toBe(
      true,
    )
  })

  test('people whom three agencies know are in three feeds', () => {
    const three = people.filter(({ planted }) => planted.includes('three_agencies'))
    expect(three).toHaveLength(48)
    for (const { localIds } of three)
      expect(Object.keys(localIds)).toEqual(expect.arrayContaining(['councils', 'trust', 'provider']))
  })

  test('every agency’s own number is one person’s', () => {
    for (const feed of ['councils', 'trust', 'childrens_services', 'provider', 'inpatient_commissioning'] as const) {
      const ids = people.flatMap(({ localIds }) => localIds[feed] ?? [])
      expect(new Set(ids).size).toBe(ids.length)
    }
  })

  test('everyone who moved to the adult register left the other on the same day', () => {
    const moved = people.filter(({ entries }) => entries.length === 2)
    expect(moved.length).toBeGreaterThan(10)
    for (const { entries } of moved)
      expect([entries[0]?.closure, entries[0]?.closed]).toEqual(['C05', entries[1]?.accepted])
  })

  test('phones and postcodes are of ranges that nobody has', () => {
    const patterns = [/^(07700 900\d{3}|01632 960\d{3})$/, /^(HU2[1-9]|S5\d|LS3\d|NE5\d) \d[A-Z]{2}$/]
    for (const { phone, postcode } of people) {
      expect(phone).toMatch(patterns[0] as RegExp)
      expect(postcode).toMatch(patterns[1] as RegExp)
    }
  })
})

describe('the truth of the demo as it ships', () => {
  let truth: Truth
  beforeAll(async () => {
    await makeDemo(at('whole'))
    truth = truthOf('whole')
  })

  test('open people of all ratings and places add up', () => {
    const { all = {}, ...icbs } = truth.register.by_rating
    expect(sum(all)).toBe(truth.register.open)
    expect(Object.values(icbs).reduce((total, counts) => total + sum(counts), 0)).toBe(truth.register.open)
    expect(sum(truth.months.at(-1)?.people ?? {})).toBe(truth.register.open)
  })

  test('everyone is past the gate, excluded or statutory', () => {
    expect(truth.register.past_the_gate + sum(truth.exclusions) + truth.statutory_only.people).toBe(truth.people)
    const { open, closed, pending, rejected } = truth.register
    expect(open + closed + pending + rejected).toBe(truth.register.past_the_gate)
  })

  test('days overdue are the days from the due date to as_of', () => {
    expect(truth.lists?.overdue).toHaveLength(truth.overdue.people)
    for (const { due_on, days_overdue } of truth.lists?.overdue ?? [])
      expect(isoDay(dayOf(truth.as_of) - days_overdue)).toBe(due_on)
    expect(new Set(truth.lists?.overdue.map(({ due_because }) => due_because)).size).toBeGreaterThanOrEqual(3)
  })

  test('the planted theme rises', () => {
    const planted = truth.rising_theme.planted.map(({ people }) => people)
    expect(planted).toHaveLength(9)
    const early = planted.slice(0, 3).reduce((a, b) => a + b, 0)
    const late = planted.slice(-3).reduce((a, b) => a + b, 0)
    expect(late).toBeGreaterThan(2.5 * early)
  })

  test('every kind of planted trouble is there', () => {
    for (const list of Object.values(truth.lists ?? {})) expect(list.length).toBeGreaterThan(3)
    expect(truth.consent_to_renew).toEqual({ lapsed: 24, overtaken_16: 12, overtaken_18: 12 })
    const codes = new Set(Object.values(truth.feeds).flatMap(({ bad_rows }) => bad_rows.map(({ code }) => code)))
    expect(codes.size).toBeGreaterThanOrEqual(12)
    const known = readCodes('check_codes').map(({ code }) => code)
    expect([...codes].filter((code) => !known.includes(code))).toEqual([])
  })

  test('each canary stands in free text too', () => {
    const text = [
      'councils/adult_social_care_2026-10-30.csv',
      'childrens_services/childrens_services_2026-10-31.ndjson',
    ]
      .map((file) => readFileSync(join(at('whole').extracts, file), 'latin1'))
      .join('')
    expect(truth.canaries).toHaveLength(5)
    for (const { given_name, family_name, phone, postcode } of truth.canaries) {
      expect(text).toContain(`Ring ${given_name} ${family_name} on ${phone}; letters to ${postcode}.`)
    }
  })
})

test('notes are told in at least sixty sentences, and every theme has one', () => {
  const sentences = [...Object.values(themeNotes).flat(), ...plainNotes]
  expect(new Set(sentences).size).toBeGreaterThanOrEqual(60)
  expect(Object.keys(themeNotes).sort()).toEqual(
    readCodes('themes')
      .map(({ code }) => code)
      .sort(),
  )
})

function worldOf(people: number): World {
  const asOf = dayOf('2026-11-01')
  return { seed: 20_261_101, people, asOf, until: asOf - 2, from: monthStart(asOf, -36), places: readPlaces() }
}

function truthOf(name: string): Truth {
  return JSON.parse(readFileSync(join(at(name).home, 'truth.json'), 'utf8')) as Truth
}

function digests(name: string): Readonly<Record<string, string>> {
  const { home } = at(name)
  const files = readdirSync(home, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return Object.fromEntries(
    files.map(({ parentPath, name: file }) => {
      const path = join(parentPath, file)
      return [relative(home, path), createHash('sha256').update(readFileSync(path)).digest('hex')]
    }),
  )
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0)
}
