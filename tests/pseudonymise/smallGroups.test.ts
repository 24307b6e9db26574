import { beforeAll, describe, expect, test } from 'vitest'
import { pseudonymise } from '../../pseudonymise/pseudonymise.ts'
import { sentenceOfSmallGroups } from '../../pseudonymise/sentenceOfSmallGroups.ts'
import type { SmallGroups } from '../../pseudonymise/smallGroups.ts'
import { makeRegister, makeStep } from './makeRegister.ts'

/** Seven invented people: five women of 30, one man of 30, and one woman of 50. Two of the five live with their families. */
const people = ['1', '2', '3', '4', '5', '6', '7'].map((number) => ({
  person_id: `p${number}`,
  date_of_birth: number === '7' ? '1976-05-01' : '1996-05-01',
  sex_code: number === '6' ? '1' : '2',
  ethnic_code: 'A',
  accommodation_code: number < '3' ? 'MA02' : null,
}))

/** Three stays each. One section two share, another only the first person was under. */
const admissions = people.flatMap(({ person_id }, index) => [
  { person_id, admitted: '2026-01-05', mha_code: '01' },
  { person_id, admitted: '2026-02-05', mha_code: index < 2 ? '03' : '01' },
  { person_id, admitted: '2026-03-05', mha_code: index === 0 ? '04' : '01' },
])

const five = people.slice(0, 5).map(({ person_id }) => person_id)
/** Five women of 30, all rated red; of their consents one is unlike the others. */
const ratings = five.map((person_id) => ({ person_id, rating: 'red', effective_from: '2026-10-01' }))
const consents = five.map((person_id, index) => ({
  person_id,
  basis: index === 4 ? 'K07' : 'K01',
  decision_date: '2026-10-01',
}))

let groups: readonly SmallGroups[]

beforeAll(async () => {
  const step = makeStep()
  await makeRegister(step, { people, rows: { admissions, ratings, consents } })
  groups = (await pseudonymise(step)).smallGroups
})

function tableOf(table: string): readonly SmallGroups[] {
  return groups.filter((one) => one.table === table)
}

describe('people who can be told apart', () => {
  test('are counted by what a neighbour knows: two of seven stand alone', () => {
    expect(tableOf('people')[0]).toEqual({
      table: 'people',
      by: ['age_band', 'sex_code', 'ethnic_code', 'residence_utla_gss', 'ld_status', 'autism_status'],
      limit: 5,
      people: 7,
      unique: 2,
      inSmallGroups: 2,
      smallestGroup: 1,
      variety: null,
    })
  })

  test('are counted by all that the table holds too: homes part the five into two and three', () => {
    expect(tableOf('people')[1]).toMatchObject({ unique: 2, inSmallGroups: 7, smallestGroup: 1 })
    expect(tableOf('people')[1]?.by).toContain('accommodation_code')
  })

  test('count once when they have many rows, by the row that fewest share', () => {
    // Unique are the woman of 50 and the first; the second shares a section with her alone; the man is one of his age.
    expect(tableOf('admissions')).toMatchObject([{ people: 7, unique: 2, inSmallGroups: 3, smallestGroup: 1 }])
  })

  test('and groups that are large enough but all of one rating are said', () => {
    expect(tableOf('ratings')).toMatchObject([
      { inSmallGroups: 0, smallestGroup: 5, variety: { column: 'rating', fewestValues: 1, groupsOfOneValue: 1 } },
    ])
    expect(tableOf('consents')[0]?.variety).toEqual({ column: 'basis', fewestValues: 2, groupsOfOneValue: 0 })
  })

  test('are not looked for in tables without people or telling columns', () => {
    const tables = groups.map(({ table }) => table)
    expect(['feeds', 'exclusions', 'coded_notes'].filter((table) => tables.includes(table))).toEqual([])
    expect(tables).toEqual(expect.arrayContaining(['people', 'admissions', 'safety', 'statutory_admissions']))
  })

  test('are told of in one sentence', () => {
    const told = {
      table: 'ratings',
      by: ['age_band', 'residence_utla_gss'],
      limit: 5,
      people: 1200,
      unique: 3,
      inSmallGroups: 41,
      smallestGroup: 1,
      variety: { column: 'rating', fewestValues: 1, groupsOfOneValue: 2 },
    }
    expect(sentenceOfSmallGroups(told)).toBe(
      'ratings: of 1,200 people 3 unique, 41 in groups under 5, smallest 1, by age band, residence council; in 2 larger groups everyone has the same rating',
    )
  })
})
