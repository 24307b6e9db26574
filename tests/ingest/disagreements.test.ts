import { mkdirSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { decideLink, listLinks } from '../../ingest/match/links.ts'
import { readKey } from '../../store/keys.ts'
import { swingPointer } from '../../store/versions.ts'
import {
  makeDeployment,
  smallContract,
  smallHeading,
  smallLine,
  withSamples,
  type TestDeployment,
} from './deployment.ts'
import { readExpected } from './expected.ts'

describe('where two agencies differ', () => {
  let made: TestDeployment
  beforeEach(() => {
    made = makeDeployment()
  })
  afterEach(() => made.remove())

  /** One person of two agencies, b's extract a day newer; each line ends with the street. */
  async function say(a: Partial<Record<string, string>>, b: Partial<Record<string, string>>): Promise<unknown> {
    const contract = smallContract.replace(
      '      postcode: Postcode',
      '      postcode: Postcode\n      address_lines: Street',
    )
    for (const [feed, day, cells] of [
      ['a', '2026-10-30', a],
      ['b', '2026-10-31', b],
    ] as const) {
      made.contract(feed, contract.replaceAll('small', feed).replace('2026-10-30', day))
      made.extract(
        feed,
        `${feed}.csv`,
        `${smallHeading},Street\n${smallLine(cells)},${cells['Street'] ?? '4 Quay Row'}`,
      )
    }
    await made.ingest()
    return made.register(
      'select field, feed, value, recorded_on::varchar as on_day, is_used from disagreements order by field, feed',
    )
  }

  it.each([
    ['the birth date', 'date_of_birth', { Born: '05/01/1990' }, { Born: '01/05/1990' }, '1990-01-05', '1990-05-01'],
    ['the given name', 'given_name', { First: 'Ada' }, { First: 'Adele' }, 'Ada', 'Adele'],
    ['the family name', 'family_name', { Surname: 'Marsh' }, { Surname: 'Marsh-Hill' }, 'Marsh', 'Marsh-Hill'],
    ['the postcode', 'postcode', { Postcode: 'HU21 1AA' }, { Postcode: 'HU25 9ZZ' }, 'HU21 1AA', 'HU25 9ZZ'],
    ['the address', 'address_lines', { Street: '4 Quay Row' }, { Street: '9 Elm Way' }, '4 Quay Row', '9 Elm Way'],
  ])('in %s, both are shown and the newest extract’s is used', async (_, field, a, b, one, other) => {
    expect(await say(a, b)).toEqual([
      { field, feed: 'a', value: one, on_day: '2026-10-30', is_used: false },
      { field, feed: 'b', value: other, on_day: '2026-10-31', is_used: true },
    ])
  })

  it('in the rating, the one that began last is used, whichever extract is newer', async () => {
    expect(await say({ Colour: 'red', Since: '01/10/2026' }, { Colour: 'green', Since: '01/06/2026' })).toEqual([
      { field: 'rating', feed: 'a', value: 'red', on_day: '2026-10-01', is_used: true },
      { field: 'rating', feed: 'b', value: 'green', on_day: '2026-06-01', is_used: false },
    ])
  })

  it('in consent, the newest decision is used, whichever extract is newer', async () => {
    expect(await say({ Consented: '02/07/2026' }, { Consent: 'Lapsed', Consented: '01/07/2026' })).toEqual([
      { field: 'consent', feed: 'a', value: 'K01', on_day: '2026-07-02', is_used: true },
      { field: 'consent', feed: 'b', value: 'K93', on_day: '2026-07-01', is_used: false },
    ])
  })

  it('in a withdrawal that a newer consent overrules, the consent is used', async () => {
    expect(await say({ Consent: 'Gone', Consented: '01/07/2026' }, { Consented: '02/07/2026' })).toEqual([
      { field: 'consent', feed: 'a', value: 'K91', on_day: '2026-07-01', is_used: false },
      { field: 'consent', feed: 'b', value: 'K01', on_day: '2026-07-02', is_used: true },
    ])
  })

  it('in capitals only, nothing is said', async () => {
    expect(await say({ Surname: 'MARSH' }, { Surname: 'Marsh' })).toEqual([])
  })
})

describe('the people of four agencies', () => {
  const expected = readExpected()
  const fields: Readonly<Record<string, string>> = {
    'given name': 'given_name',
    'family name': 'family_name',
    'birth date': 'date_of_birth',
    postcode: 'postcode',
    rating: 'rating',
  }
  let made: TestDeployment
  let found: readonly Readonly<Record<string, unknown>>[]

  beforeAll(async () => {
    made = withSamples()
    const keys = { store: readKey(made.deployment, 'store') }
    await made.ingest()
    mkdirSync(made.deployment.versions, { recursive: true })
    swingPointer(made.deployment.currentPointer, 'test.building')
    for (const { id, question } of await listLinks(made.deployment, keys)) {
      const decided = { id, decision: 'same', by: 'A. Lead', reason: 'Both agencies confirmed it' } as const
      if (question?.kind !== 'joined') await decideLink(made.deployment, keys, decided, () => undefined)
    }
    await made.ingest()
    found = await made.register(
      `select disagreements.* exclude (recorded_on), recorded_on::varchar as on_day, records.feed || '#' || records.local_id as who
      from disagreements join agency_records as records using (person_id, feed)
      order by who, field`,
    )
  }, 120_000)
  afterAll(() => made.remove())

  it('disagree as a careful reader finds, and on nothing else of these', () => {
    const wanted = expected.disagreements.flatMap(({ field, values }) =>
      Object.entries(values).map(([who, said]) => {
        const [value, on] = typeof said === 'string' ? [said, ''] : said
        return [who, fields[field], value, on].join('|').toLowerCase()
      }),
    )
    const said = found
      .filter(({ field }) => Object.values(fields).includes(String(field)))
      // One agency writes surnames in capitals, which is no disagreement.
      .map(({ who, field, value, on_day }) =>
        [who, field, value, field === 'rating' ? on_day : ''].join('|').toLowerCase(),
      )
    expect(said.toSorted()).toEqual(wanted.toSorted())
  })

  it('have the rating that a careful reader uses', () => {
    const rated = expected.disagreements.filter(({ field }) => field === 'rating')
    for (const { person, values, use } of rated) {
      const used = found.filter(
        ({ who, field, is_used }) => String(who) in values && field === 'rating' && is_used === true,
      )
      expect(new Set(used.map(({ value }) => value)), person).toEqual(new Set([use]))
    }
  })

  it('differ besides only in what the careful reader did not list', () => {
    const others = found.map(({ field }) => String(field)).filter((field) => !Object.values(fields).includes(field))
    // The person with a mistyped number has two; a home that moved has another address and council.
    expect(new Set(others)).toEqual(new Set(['address_lines', 'consent', 'nhs_number', 'responsible_utla_gss']))
  })
})
