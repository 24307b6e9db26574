import type { Row } from '../../transform/writeTable.ts'

/** The day that counts as today in these tests. */
export const asOf = '2026-10-31'

/** Eight people whose answers are worked out by hand in transform.test.ts. */
export const named: Readonly<Record<string, readonly Row[]>> = {
  people: ['anna', 'ben', 'cara', 'dev', 'elin', 'finn', 'gus', 'hana'].map((pseudonym, index) => ({
    pseudonym,
    record_key: index * 30,
    responsible_icb_ods: 'QHM',
  })),
  entries: [
    { pseudonym: 'anna', decision: 'accepted', accepted_date: '2026-01-05', referral_date: '2025-12-20' },
    { pseudonym: 'ben', decision: 'accepted', accepted_date: '2026-10-01' },
    { pseudonym: 'cara', decision: 'accepted', accepted_date: '2026-10-01' },
    { pseudonym: 'dev', decision: 'accepted', accepted_date: '2026-02-01' },
    { pseudonym: 'elin', decision: 'accepted', accepted_date: '2026-02-01' },
    { pseudonym: 'finn', decision: 'accepted', accepted_date: '2026-02-01' },
    // Two agencies tell of one entry, and only one of them knows that it was closed.
    {
      pseudonym: 'gus',
      decision: 'accepted',
      accepted_date: '2026-02-01',
      closed_date: '2026-09-15',
      closure_reason: 'C01',
    },
    { pseudonym: 'gus', decision: 'accepted', accepted_date: '2026-02-01', feed: 'trust' },
    { pseudonym: 'hana', decision: 'pending', referral_date: '2026-10-20' },
  ],
  ratings: [
    { pseudonym: 'anna', rating: 'green', effective_from: '2026-01-05' },
    { pseudonym: 'ben', rating: 'red', effective_from: '2026-10-20' },
    { pseudonym: 'cara', rating: 'amber', effective_from: '2026-10-01' },
    { pseudonym: 'dev', rating: 'green', effective_from: '2026-02-01' },
    { pseudonym: 'dev', rating: 'red', effective_from: '2026-10-10' },
    { pseudonym: 'elin', rating: 'green', effective_from: '2026-02-01' },
    { pseudonym: 'finn', rating: 'green', effective_from: '2026-02-01' },
    { pseudonym: 'gus', rating: 'green', effective_from: '2026-02-01' },
  ],
  reviews: [
    { pseudonym: 'anna', kind: 'dsr', held_on: '2026-08-20' },
    { pseudonym: 'ben', kind: 'dsr', held_on: '2026-10-20' },
    // Not a DSR review: Cara is still never reviewed.
    { pseudonym: 'cara', kind: 'mdt', held_on: '2026-10-20' },
    { pseudonym: 'dev', kind: 'dsr', held_on: '2026-09-01' },
    { pseudonym: 'elin', kind: 'dsr', held_on: '2026-09-01' },
    { pseudonym: 'finn', kind: 'dsr', held_on: '2026-08-01' },
    { pseudonym: 'gus', kind: 'dsr', held_on: '2026-02-10' },
  ],
  admissions: [
    { pseudonym: 'elin', admitted: '2026-10-15', bed_type: '110', planned: '2' },
    { pseudonym: 'finn', admitted: '2026-09-01', discharged: '2026-09-20', ward_security: '0' },
    // A transfer, told again by the statutory collection: one spell.
    { pseudonym: 'finn', admitted: '2026-09-20', discharged: '2026-10-20', ward_security: '1' },
    { pseudonym: 'finn', admitted: '2026-09-20', discharged: '2026-10-20', feed: 'inpatients' },
  ],
  statutory_admissions: [
    {
      pseudonym: 'zoe',
      record_key: 9,
      responsible_icb_ods: 'QOQ',
      admitted: '2026-05-01',
      on_register_before_stated: true,
    },
  ],
  actions: [
    { pseudonym: 'anna', service_code: 'S01', state: 'waiting', raised_date: '2026-06-01', due_date: '2026-07-01' },
    {
      pseudonym: 'anna',
      service_code: 'S26',
      state: 'unavailable',
      raised_date: '2026-08-10',
      unavailable_reason: 'U01',
    },
    { pseudonym: 'ben', service_code: 'S01', state: 'done', raised_date: '2026-10-02', done_date: '2026-10-12' },
  ],
  issues: [{ pseudonym: 'anna', theme_code: 'T09', noted_date: '2026-08-20' }],
  coded_notes: [
    {
      pseudonym: 'anna',
      noted_on: '2026-08-20',
      kind: 'theme',
      code: 'T01',
      coded_from: 'from_text',
      from_table: 'reviews',
      from_row_id: 1,
    },
  ],
  disagreements: [{ pseudonym: 'anna', field: 'sex_code' }],
}

const ratings = ['red', 'amber', 'green'] as const

/**
 * Ninety people with plain histories: accepted on day `accepted`, rated then and again on day `again`; every ninth left.
 * Days are spread over the year by multiplying, so that each month and place has some of each.
 */
export const many = Array.from({ length: 90 }, (_, index) => ({
  pseudonym: `p${index}`,
  record_key: (index * 97) % 256,
  responsible_icb_ods: index % 3 === 0 ? 'QF7' : 'QOQ',
  accepted: day((index * 53) % 300),
  rating: ratings[index % 3] ?? 'red',
  again: day(100 + ((index * 31) % 190)),
  ratingAgain: ratings[(index + (index % 2) + 1) % 3] ?? 'red',
  closed: index % 9 === 8 ? day(302) : null,
}))

export type Plain = (typeof many)[number]

/** The `number`th day of 2026, from 0. */
function day(number: number): string {
  return new Date(Date.UTC(2026, 0, 1 + number)).toISOString().slice(0, 10)
}

/** The same people as rows of the register. */
export const manyRows: Readonly<Record<string, readonly Row[]>> = {
  people: many.map(({ pseudonym, record_key, responsible_icb_ods }) => ({
    pseudonym,
    record_key,
    responsible_icb_ods,
  })),
  entries: many.map(({ pseudonym, accepted, closed }) => ({
    pseudonym,
    decision: 'accepted',
    accepted_date: accepted,
    closed_date: closed,
  })),
  ratings: many.flatMap(({ pseudonym, accepted, rating, again, ratingAgain }) => [
    { pseudonym, rating, effective_from: accepted },
    { pseudonym, rating: ratingAgain, effective_from: again },
  ]),
}
