import { afterEach, beforeEach, expect, it } from 'vitest'
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

it('nobody whom the gate keeps off is in a question', async () => {
  made.contract('a', smallContract.replaceAll('small', 'a'))
  made.contract('b', smallContract.replaceAll('small', 'b'))
  made.extract('a', 'a.csv', [smallHeading, smallLine({ Consent: 'No' })].join('\n'))
  made.extract('b', 'b.csv', [smallHeading, smallLine({ No: '7', NHS: '9990000026' })].join('\n'))
  await ingestAsCurrent()
  expect(await list()).toEqual([])
})
