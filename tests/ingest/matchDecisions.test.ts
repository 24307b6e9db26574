import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { decideLink, listLinks, type Link } from '../../ingest/match/links.ts'
import { readInputs } from '../../pipeline/fingerprint.ts'
import { readKey } from '../../store/keys.ts'
import { swingPointer } from '../../store/versions.ts'
import { makeDeployment, smallContract, smallHeading, smallLine, type TestDeployment } from './deployment.ts'

let made: TestDeployment
beforeEach(() => {
  made = makeDeployment()
})
afterEach(() => made.remove())

/** Two agencies of whose people likeness cannot be sure: the numbers differ and nothing else does. */
async function mistyped(): Promise<void> {
  made.contract('a', smallContract.replaceAll('small', 'a'))
  made.contract('b', smallContract.replaceAll('small', 'b'))
  made.extract('a', 'a.csv', [smallHeading, smallLine()].join('\n'))
  made.extract('b', 'b.csv', [smallHeading, smallLine({ No: '7', NHS: '9990000026' })].join('\n'))
  await ingestAsCurrent()
}

async function ingestAsCurrent(): Promise<number> {
  const { people } = await made.ingest()
  mkdirSync(join(made.deployment.versions, 'test.building'), { recursive: true })
  swingPointer(made.deployment.currentPointer, 'test.building')
  return people
}

const keys = (): { store: Buffer } => ({ store: readKey(made.deployment, 'store') })
const list = (): Promise<readonly Link[]> => listLinks(made.deployment, keys())
const decide = (id: string, decision: 'same' | 'different' | 'undone', audit = (): void => undefined): Promise<void> =>
  decideLink(made.deployment, keys(), { id, decision, by: 'A. Lead', reason: 'Both confirmed it' }, audit)

it('a mistyped number is asked about, joined by decision and parted when it is taken back', async () => {
  await mistyped()
  expect(await made.register('select count(*)::integer as people from persons')).toEqual([{ people: 2 }])
  const [link] = await list()
  expect(link).toMatchObject({
    one: { feed: 'a', localId: '1' },
    other: { feed: 'b', localId: '7' },
    question: {
      kind: 'two_numbers',
      agrees: 'given name, family name, birth date, address (the same postcode)',
      differs: '',
    },
    decision: null,
  })
  await decide(String(link?.id), 'same')
  expect((await list())[0]?.decision).toMatchObject({ decision: 'same', isPending: true })
  expect(await ingestAsCurrent()).toBe(1)
  expect(await list()).toMatchObject([
    { id: link?.id, question: null, decision: { decision: 'same', isPending: false } },
  ])
  await decide(String(link?.id), 'undone')
  expect(await ingestAsCurrent()).toBe(2)
  expect(await list()).toMatchObject([{ id: link?.id, question: null, decision: { decision: 'undone' } }])
})

it('a decision outlives a newer extract', async () => {
  await mistyped()
  await decide(String((await list())[0]?.id), 'same')
  made.contract('b', smallContract.replaceAll('small', 'b').replace('2026-10-30', '2026-10-31'))
  made.extract('b', 'newer.csv', [smallHeading, smallLine({ No: '7', NHS: '9990000026', Note: 'Newer' })].join('\n'))
  expect(await ingestAsCurrent()).toBe(1)
})

it('a join by likeness can be parted', async () => {
  made.contract('a', smallContract.replaceAll('small', 'a'))
  made.contract('b', smallContract.replaceAll('small', 'b'))
  made.extract('a', 'a.csv', [smallHeading, smallLine()].join('\n'))
  made.extract('b', 'b.csv', [smallHeading, smallLine({ No: '7', NHS: '' })].join('\n'))
  expect(await ingestAsCurrent()).toBe(1)
  const [link] = await list()
  expect(link).toMatchObject({ question: { kind: 'joined' } })
  await decide(String(link?.id), 'different')
  expect(await ingestAsCurrent()).toBe(2)
})

it('a decision makes the next run build anew', async () => {
  await mistyped()
  const rules = async (): Promise<string> => (await readInputs(made.deployment, '2026-11-01', [])).rules
  const before = await rules()
  expect(await rules()).toBe(before)
  await decide(String((await list())[0]?.id), 'different')
  expect(await rules()).not.toBe(before)
})

it('what cannot be audited is not decided', async () => {
  await mistyped()
  const id = String((await list())[0]?.id)
  const fail = (): void => {
    throw new Error('the audit cannot be written')
  }
  await expect(decide(id, 'same', fail)).rejects.toThrow('audit')
  expect((await list())[0]?.decision).toBeNull()
})

it('an unknown id and an undo of nothing are refused', async () => {
  await mistyped()
  await expect(decide('0000000000', 'same')).rejects.toThrow('No question or decision has the id')
  await expect(decide(String((await list())[0]?.id), 'undone')).rejects.toThrow('Nothing that could be undone')
})

/** Two agencies know somebody alike but for the NHS number; b says the given things of consent. */
async function alike(consent: Partial<Record<string, string>>): Promise<void> {
  made.contract('a', smallContract.replaceAll('small', 'a'))
  made.contract('b', smallContract.replaceAll('small', 'b'))
  made.extract('a', 'a.csv', [smallHeading, smallLine({ No: 'A1' })].join('\n'))
  made.extract(
    'b',
    'b.csv',
    [smallHeading, smallLine({ No: 'B7', NHS: '9990000026', Reviewed: '01/06/2026', ...consent })].join('\n'),
  )
  await ingestAsCurrent()
}

it('nobody of whom no decision is recorded is in a question', async () => {
  await alike({ Consent: '', Consented: '' })
  expect(await list()).toEqual([])
})

it('a refusal that may be the person’s on the register is asked about, and joined counts for both', async () => {
  await alike({ Consent: 'No', Consented: '02/06/2026' })
  expect(await made.register('select count(*)::integer as people from persons')).toEqual([{ people: 1 }])
  const [link] = await list()
  expect(link).toMatchObject({ one: { localId: 'A1' }, other: { localId: 'B7' }, question: { kind: 'refused' } })
  await decide(String(link?.id), 'same')
  expect(await ingestAsCurrent()).toBe(0)
})

it('a withdrawal that may be the person’s on the register stays a warning when its record is gone', async () => {
  await alike({ Consent: 'Gone', Consented: '02/06/2026' })
  expect(await made.landing(`select count(*)::integer as rows from landed_people where local_id = 'B7'`)).toEqual([
    { rows: 0 },
  ])
  expect(await ingestAsCurrent()).toBe(1)
  const [link] = await list()
  expect(link).toMatchObject({
    one: { feed: 'a', localId: 'A1' },
    other: { feed: 'b', localId: 'withdrawn 2026-06-02' },
    question: { kind: 'withdrawn', agrees: 'given name, family name, birth date, address (the same postcode)' },
  })
  const id = String(link?.id)
  await expect(decide(id, 'same')).rejects.toThrow('The other record')
  await decide(id, 'different')
  expect(await ingestAsCurrent()).toBe(1)
  expect(await list()).toMatchObject([{ id, question: null, decision: { decision: 'different' } }])
})

it('the warning goes when the person on the register withdraws too', async () => {
  await alike({ Consent: 'Gone', Consented: '02/06/2026' })
  expect(await list()).toHaveLength(1)
  made.contract('a', smallContract.replaceAll('small', 'a').replace('2026-10-30', '2026-10-31'))
  made.extract(
    'a',
    'later.csv',
    [smallHeading, smallLine({ No: 'A1', Consent: 'Gone', Consented: '02/10/2026' })].join('\n'),
  )
  expect(await ingestAsCurrent()).toBe(0)
  expect(await list()).toEqual([])
  expect(await made.landing('select count(*)::integer as rows from link_warnings')).toEqual([{ rows: 0 }])
})

it('of two who are both kept off nobody is asked', async () => {
  made.contract('a', smallContract.replaceAll('small', 'a'))
  made.contract('b', smallContract.replaceAll('small', 'b'))
  made.extract('a', 'a.csv', [smallHeading, smallLine({ Consent: 'No' })].join('\n'))
  made.extract('b', 'b.csv', [smallHeading, smallLine({ No: '7', NHS: '9990000026', Consent: 'No' })].join('\n'))
  await ingestAsCurrent()
  expect(await list()).toEqual([])
})

describe('a withdrawal heard from a record that was set aside', () => {
  // Born on a day that is none: the record goes to quarantine, its withdrawal counts.
  const aside = { NHS: '9990000018', Born: '31/31/1990', Consent: 'Gone', Consented: '02/07/2026' }

  it('finds its person by the NHS number where it has no number of its own', async () => {
    made.contract('a', smallContract.replaceAll('small', 'a'))
    made.contract('b', smallContract.replaceAll('small', 'b'))
    made.extract('a', 'a.csv', [smallHeading, smallLine({ No: 'A1' })].join('\n'))
    const other = smallLine({ No: 'B2', NHS: '9990000026', Surname: 'Other', First: 'Bo', Born: '03/03/1970' })
    made.extract('b', 'b.csv', [smallHeading, other, smallLine({ ...aside, No: '' })].join('\n'))
    await made.ingest({ reject_share_limit: 1 })
    expect(await made.register('select given_name from people')).toEqual([{ given_name: 'Bo' }])
    expect(await made.landing('select count(*)::integer as rows from heard')).toEqual([{ rows: 0 }])
    expect(await made.landing(`select count(*)::integer as rows from landed_people where local_id = 'A1'`)).toEqual([
      { rows: 0 },
    ])
  })

  it('finds its person where it comes from a feed about another feed’s people', async () => {
    made.contract('a', smallContract.replaceAll('small', 'a'))
    made.contract(
      'later',
      `
feed: later
people_of: a
agency: { name: Small agency (made up), kind: A02 }
basis: register_consent
from: { folder: extracts/later, files: '*.csv' }
delivered_on: { value: 2026-10-31 }
read: { format: csv }
dates: ['%d/%m/%Y']
tables:
  consents:
    fields:
      local_id: No
      basis: { column: Consent, codes: { 'Yes': K01, Gone: K91 } }
      decision_date: Consented
      review_due: Review
`,
    )
    const two = [smallLine({ No: 'A1' }), smallLine({ No: 'A2', NHS: '9990000026', Surname: 'Other', First: 'Bo' })]
    made.extract('a', 'a.csv', [smallHeading, ...two].join('\n'))
    made.extract('later', 'l.csv', 'No,Consent,Consented,Review\nA1,Gone,02/07/2026,31/31/2026\nA2,Yes,02/07/2026,')
    await made.ingest({ reject_share_limit: 1 })
    expect(await made.register('select given_name from people')).toEqual([{ given_name: 'Bo' }])
  })
})
