import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { projectRoot } from '../../register/projectRoot.ts'
import { openDuckDB } from '../../store/openDuckDB.ts'
import { matchRecords, type TestRecord } from './matchRecords.ts'

const fixtures = join(projectRoot, 'tests/fixtures/linkage')

/** Ada Marsh, as agency a knows her; b's record has no NHS number and differs in what a test names. */
const ada = {
  family_name: 'Marsh',
  given_name: 'Ada',
  date_of_birth: '1990-01-05',
  sex_code: '2',
  postcode: 'HU21 1AA',
  address_lines: '4 Quay Row',
}
const known: TestRecord = { feed: 'a', local_id: 'a1', nhs_number: '9990000018', ...ada }
const other = (more: Partial<TestRecord> = {}): TestRecord => ({ feed: 'b', local_id: 'b1', ...ada, ...more })

/** joined, asked or apart. */
async function outcome(one: TestRecord, two: TestRecord, ...more: TestRecord[]): Promise<string> {
  const { personIds, questions } = await matchRecords([one, two, ...more])
  if (personIds[one.local_id] === personIds[two.local_id]) return 'joined'
  const pair = [one.local_id, two.local_id]
  return questions.some(
    (row) => pair.includes(String(row['one_local_id'])) && pair.includes(String(row['other_local_id'])),
  )
    ? 'asked'
    : 'apart'
}

describe('a record without an NHS number', () => {
  it.each<[string, Partial<TestRecord>, Partial<TestRecord>, string]>([
    ['alike in everything is joined', {}, {}, 'joined'],
    ['of a nickname is joined', { given_name: 'Margaret' }, { given_name: 'Peggy' }, 'joined'],
    [
      'of another nickname is joined',
      { given_name: 'Robert', sex_code: '1' },
      { given_name: 'Bob', sex_code: '1' },
      'joined',
    ],
    ['without its accents is joined', { family_name: 'Wróbel' }, { family_name: 'Wrobel' }, 'joined'],
    [
      'with a hyphen for a space is joined',
      { family_name: 'Nettleton Osei' },
      { family_name: 'Nettleton-Osei' },
      'joined',
    ],
    ['of one of two surnames is joined', { family_name: 'Keane-Adeyemi' }, { family_name: 'Keane' }, 'joined'],
    ['with one letter missing is joined', { family_name: 'Nwachukwu' }, { family_name: 'Nwachuku' }, 'joined'],
    ['with the names in each other’s place is joined', {}, { family_name: 'Ada', given_name: 'Marsh' }, 'joined'],
    [
      'with the names in each other’s place and a letter missing is joined',
      { family_name: 'Nettleton' },
      { family_name: 'Ada', given_name: 'Netleton' },
      'joined',
    ],
    [
      'with a misspelt surname and day and month swapped in the same home is joined',
      { family_name: 'Nwachukwu' },
      { family_name: 'Nwachuku', date_of_birth: '1990-05-01' },
      'joined',
    ],
    [
      'of a changed surname and a mistyped postcode is joined',
      {},
      { family_name: 'Fotherby', postcode: 'HU21 9AA' },
      'joined',
    ],
    ['of a twin with a name much alike is asked about', { given_name: 'Jayden' }, { given_name: 'Kayden' }, 'asked'],
    [
      'with another day of birth at the same postcode, without an address, is not joined',
      { address_lines: '' },
      { date_of_birth: '1990-01-06', address_lines: '' },
      'asked',
    ],
    ['of a changed surname in the same home is joined', {}, { family_name: 'Fotherby' }, 'joined'],
    ['with day and month swapped in the same home is joined', {}, { date_of_birth: '1990-05-01' }, 'joined'],
    [
      'with day and month swapped elsewhere is asked about',
      {},
      { date_of_birth: '1990-05-01', postcode: 'HU25 9ZZ', address_lines: '9 Elm' },
      'asked',
    ],
    [
      'of somebody who moved is joined',
      { family_name: 'Fotherby' },
      { family_name: 'Fotherby', postcode: 'HU25 9ZZ', address_lines: '9 Elm' },
      'joined',
    ],
    ['with another sex is not joined', {}, { sex_code: '1' }, 'asked'],
    [
      'of a changed surname elsewhere stays apart',
      {},
      { family_name: 'Fotherby', postcode: 'HU25 9ZZ', address_lines: '9 Elm' },
      'apart',
    ],
    ['of a twin stays apart', { given_name: 'Maisie' }, { given_name: 'Frances' }, 'apart'],
    ['of a parent of the same name stays apart', {}, { date_of_birth: '1962-11-28' }, 'apart'],
    ['with no birth date is asked about', {}, { date_of_birth: '' }, 'asked'],
  ])('%s', async (_, mine, theirs, expected) => {
    const [one, two] = [{ ...known, ...mine }, other(theirs)].map((record) =>
      Object.fromEntries(Object.entries(record).filter(([, value]) => value !== '')),
    ) as unknown as [TestRecord, TestRecord]
    expect(await outcome(one, two)).toBe(expected)
  })

  it('is asked about, and not joined, where two housemates of one name fit', async () => {
    const housemate = { ...known, local_id: 'a2', nhs_number: '9990000026' }
    expect(await outcome(known, other(), housemate)).toBe('asked')
  })

  it('joins the twin whose name it bears', async () => {
    const twin = { ...known, local_id: 'a2', nhs_number: '9990000026', given_name: 'Millie' }
    const { people, questions } = await matchRecords([known, twin, other({ given_name: 'Millie' })])
    expect(people).toEqual([['a1'], ['a2', 'b1']])
    expect(questions).toEqual([])
  })

  it('is not joined with a second record of the same agency, which holds two people', async () => {
    expect(await outcome(known, other({ feed: 'a' }))).toBe('asked')
  })

  it('does not bring two NHS numbers together by way of itself', async () => {
    const far = { ...known, feed: 'c', local_id: 'c1', nhs_number: '9990000026', family_name: 'Marshe' }
    const { personIds } = await matchRecords([known, other(), far])
    expect(personIds['a1']).not.toBe(personIds['c1'])
  })
})

it('a person’s id has twelve characters that any file name or address can hold', async () => {
  const { personIds } = await matchRecords([known, other()])
  expect(personIds['a1']).toMatch(/^[A-Za-z0-9_-]{12}$/)
})

describe('two NHS numbers', () => {
  it('are asked about where all else agrees, for one may be mistyped', async () => {
    expect(await outcome(known, { ...other(), nhs_number: '9990000026' })).toBe('asked')
  })

  it('are two people without a question where the birth date differs', async () => {
    expect(await outcome(known, { ...other(), nhs_number: '9990000026', date_of_birth: '1962-11-28' })).toBe('apart')
  })
})

describe('a question', () => {
  it('says what agrees and differs, and no value', async () => {
    const { questions } = await matchRecords([
      known,
      other({ date_of_birth: '1990-05-01', postcode: 'HU25 9ZZ', address_lines: '9 Elm' }),
    ])
    expect(questions).toEqual([
      {
        question: expect.stringMatching(/^[0-9a-f]{10}$/),
        kind: 'alike',
        one_feed: 'a',
        one_local_id: 'a1',
        other_feed: 'b',
        other_local_id: 'b1',
        weight: expect.any(Number),
        agrees: 'given name, family name, sex',
        differs: 'birth date (day and month exchanged), address (different)',
        asked_since: '2026-10-30',
      },
    ])
    expect(JSON.stringify(questions)).not.toMatch(/Marsh|Ada|1990|HU2|999/)
  })
})

describe('a decision of the team', () => {
  const pair = [
    ['a', 'a1'],
    ['b', 'b1'],
  ] as const
  const mistyped = { ...other(), nhs_number: '9990000026' }

  it('joins even two NHS numbers, and nothing is asked again', async () => {
    const { people, questions } = await matchRecords([known, mistyped], [{ records: pair, decision: 'same' }])
    expect(people).toEqual([['a1', 'b1']])
    expect(questions).toEqual([])
  })

  it('parts what likeness had joined', async () => {
    const { people, questions } = await matchRecords([known, other()], [{ records: pair, decision: 'different' }])
    expect(people).toEqual([['a1'], ['b1']])
    expect(questions).toEqual([])
  })

  it('that was undone stays undone', async () => {
    const decisions = [
      { records: pair, decision: 'same' },
      { records: pair, decision: 'undone' },
    ] as const
    expect((await matchRecords([known, mistyped], decisions)).people).toEqual([['a1'], ['b1']])
    expect((await matchRecords([known, other()], decisions)).people).toEqual([['a1'], ['b1']])
  })

  it('holds by way of a third record too', async () => {
    const third = other({ feed: 'c', local_id: 'c1' })
    const { personIds } = await matchRecords([known, other(), third], [{ records: pair, decision: 'different' }])
    expect(personIds['a1']).not.toBe(personIds['b1'])
  })

  it('does not part one NHS number, but is asked about again', async () => {
    const same = { ...other(), nhs_number: '9990000018' }
    const { people, questions } = await matchRecords([known, same], [{ records: pair, decision: 'different' }])
    expect(people).toEqual([['a1', 'b1']])
    expect(questions).toMatchObject([{ kind: 'same_number', agrees: 'NHS number', differs: 'your decision' }])
  })

  it('counts only from its day', async () => {
    const decisions = [{ records: pair, decision: 'same', decided_on: '2026-11-05' }] as const
    expect((await matchRecords([known, mistyped], decisions, { knownAt: '2026-11-04' })).people).toHaveLength(2)
    expect((await matchRecords([known, mistyped], decisions, { knownAt: '2026-11-05' })).people).toHaveLength(1)
  })
})

describe('the people of four agencies', () => {
  const expected = JSON.parse(readFileSync(join(fixtures, 'expected.json'), 'utf8')) as {
    one_person: string[][]
    two_people: { records: [string, string]; why: string }[]
    to_ask: { records: [string, string]; may_be_joined: boolean; why: string }[]
  }

  it.each(['alike', 'exact'] as const)(
    'are joined, kept apart and asked about as they should be (%s)',
    async (likeness) => {
      const { personIds, questions } = await matchRecords(await readRecords(), [], { likeness })
      for (const records of expected.one_person)
        expect(new Set(records.map((id) => personIds[id])).size, String(records)).toBe(1)
      for (const { records, why } of expected.two_people)
        expect(personIds[records[0]], why).not.toBe(personIds[records[1]])
      const asked = questions.map((row) =>
        pairOf(personIds[String(row['one_local_id'])], personIds[String(row['other_local_id'])]),
      )
      const open = expected.to_ask.filter(({ records: [one, two] }) => personIds[one] !== personIds[two])
      if (likeness === 'exact') expect(open).toHaveLength(5)
      for (const one of expected.to_ask.filter((pair) => !open.includes(pair)))
        expect(one.may_be_joined, one.why).toBe(true)
      const due = open.map(({ records: [one, two] }) => pairOf(personIds[one], personIds[two]))
      expect(new Set(asked)).toEqual(new Set(due))
      expect(asked).toHaveLength(due.length)
    },
  )
})

function pairOf(one = '', two = ''): string {
  return one < two ? `${one} ${two}` : `${two} ${one}`
}

async function readRecords(): Promise<TestRecord[]> {
  const { connection } = await openDuckDB({ attach: [] })
  const rows = (
    await connection.runAndReadAll(`from read_csv('${join(fixtures, 'records.csv')}', all_varchar = true)`)
  ).getRowObjectsJson()
  return rows.map(
    (row) => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as unknown as TestRecord,
  )
}
