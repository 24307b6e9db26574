import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { contractSchema } from '../../ingest/contract.ts'
import { readContract } from '../../ingest/readContracts.ts'
import { stageDelivery, type StagedDelivery } from '../../ingest/stage/stageDelivery.ts'
import { openDuckDB, type Database } from '../../store/openDuckDB.ts'
import { smallContract, smallHeading, smallLine } from './deployment.ts'

// How the forms of a field and of a table read what agencies write: one file is staged, and its rows are looked at.

let database: Database
let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dsr-fields-'))
  database = await openDuckDB({ attach: [] })
})
afterAll(() => {
  database.close()
  rmSync(folder, { recursive: true, force: true })
})

async function stage(contract: string, lines: readonly string[]): Promise<StagedDelivery> {
  const path = join(folder, 'a.csv')
  writeFileSync(path, lines.join('\n'))
  return stageDelivery(database.connection, folder, contractSchema.parse(parse(contract)), path)
}

async function rows(sql: string): Promise<readonly Record<string, unknown>[]> {
  return (await database.connection.runAndReadAll(sql)).getRowObjectsJson()
}

/** The faults of the staged file: record, column and code. */
async function faultsOf({ faultKinds }: StagedDelivery): Promise<readonly string[]> {
  const found = await rows('select record::integer as record, fault from faults order by record, fault')
  return found.map(({ record, fault }) => {
    const kind = faultKinds.find(({ id }) => id === fault)
    return `${String(record)} ${kind?.column ?? ''} ${kind?.code ?? ''}`
  })
}

describe('months written in letters', () => {
  const contract = (form: string): string => smallContract.replace('%d/%m/%Y', form)
  const dates = { Born: '1990-01-05', Consented: '2026-06-01', Since: '2026-06-01' }
  const reviewed = async (form: string, said: string): Promise<unknown> => {
    const staged = await stage(contract(form), [smallHeading, smallLine({ ...dates, Reviewed: `"${said}"` })])
    const [row] = await rows('select held_on::varchar as held_on from staged_reviews')
    return (await faultsOf(staged)).length > 0 ? await faultsOf(staged) : row?.['held_on']
  }

  it.each([
    ['%d %b %Y', '7 Sep 2026', '2026-09-07'],
    ['%d %b %Y', '7 Sept 2026', '2026-09-07'],
    ['%d %b %Y', '7 SEPT. 2026', '2026-09-07'],
    ['%d %b %Y', '7 september 2026', '2026-09-07'],
    ['%d %B %Y', '7 Sept 2026', '2026-09-07'],
    ['%d %B %Y', '7 Aug. 2026', '2026-08-07'],
    ['%b %d, %Y', 'Sept 7, 2026', '2026-09-07'],
    ['%d-%b-%y', '07-Sept-26', '2026-09-07'],
  ])('as %s understand %s', async (form, said, day) => {
    expect(await reviewed(form, said)).toBe(day)
  })

  it.each([
    ['7 Septober 2026', 'impossible_date'],
    ['31 Sept 2026', 'impossible_date'],
    ['2026, Sept 7', 'date_not_understood'],
  ])('refuse %s', async (said, code) => {
    expect(await reviewed('%d %b %Y', said)).toEqual([`2 Reviewed ${code}`])
  })
})

describe('a number in another unit', () => {
  const contract = `${smallContract}  admissions:
    fields: { admitted: Reviewed, distance_km: { column: Note, times: 1.609344 } }
`
  it.each([
    ['9', 14],
    ['52', 84],
    ['12.5', 20],
    ['0', 0],
  ])('%s miles are %i kilometres', async (miles, kilometres) => {
    await stage(contract, [smallHeading, smallLine({ Note: miles })])
    expect(await rows('select distance_km from staged_admissions')).toEqual([{ distance_km: kilometres }])
  })

  it('is a fault where it is no number', async () => {
    const staged = await stage(contract, [smallHeading, smallLine({ Note: 'nine' })])
    expect(await faultsOf(staged)).toEqual(['2 Note number_not_understood'])
  })
})

describe('entries with their result in one cell', () => {
  const contract = `${smallContract}  strategies:
    split: { column: Note, by: [';', '|'] }
    fields:
      strategy_code: { column: part, part: '^([^=]*[^= ])', codes: { PBS plan: P01, Safety plan: P14, Light box: ~ } }
      outcome: { column: part, part: '= *(.+)$', codes: { helped: helped, partial: partly } }
`
  const tried = async (note: string): Promise<unknown> => {
    const staged = await stage(contract, [smallHeading, smallLine({ Note: note })])
    const faults = await faultsOf(staged)
    return faults.length > 0
      ? faults
      : (await rows('select strategy_code, outcome from staged_strategies order by slot')).map(
          ({ strategy_code: code, outcome }) => `${String(code)} ${String(outcome)}`,
        )
  }

  it('become a row each, whichever of the marks parts them', async () => {
    expect(await tried('PBS plan = helped | Safety plan=partial ; Light box = helped;PBS plan')).toEqual([
      'P01 helped',
      'P14 partly',
      'null helped',
      'P01 null',
    ])
  })

  it('hold the record back where a word is in no list', async () => {
    expect(await tried('PBS plan = helped | Hypnosis = helped')).toEqual(['2 part code_not_in_list'])
  })
})

describe('words that are in no list', () => {
  const staged = async (codes: string): Promise<unknown> => {
    const contract = `${smallContract}  strategies:\n    fields: { note: Note, strategy_code: { column: Note, codes: ${codes} } }\n`
    const faults = await faultsOf(await stage(contract, [smallHeading, smallLine({ Note: 'Front seat' })]))
    return faults.length > 0 ? faults : (await rows('select note, strategy_code from staged_strategies'))[0]
  }

  it('hold the record back', async () => {
    expect(await staged('{ PBS plan: P01 }')).toEqual(['2 Note code_not_in_list'])
  })

  it('have no code, or one, where the contract says so of every other word', async () => {
    expect(await staged("{ PBS plan: P01, '*': ~ }")).toEqual({ note: 'Front seat', strategy_code: null })
    expect(await staged("{ PBS plan: P01, '*': P05 }")).toEqual({ note: 'Front seat', strategy_code: 'P05' })
    expect(await staged("{ Front seat: P05, '*': P01 }")).toEqual({ note: 'Front seat', strategy_code: 'P05' })
  })

  it('of a list go the same way', async () => {
    const contract = (codes: string): string =>
      smallContract.replace('summary: Note', `attendee_agencies: { column: Note, by: ';', codes: ${codes} }`)
    const present = async (codes: string): Promise<unknown> => {
      const faults = await faultsOf(await stage(contract(codes), [smallHeading, smallLine({ Note: 'GP; vicar; ICB' })]))
      return faults.length > 0
        ? faults
        : (await rows('select list_sort(attendee_agencies) as who from staged_reviews'))[0]?.['who']
    }
    expect(await present('{ GP: A09, ICB: A01 }')).toEqual(['2 Note code_not_in_list'])
    expect(await present("{ GP: A09, ICB: A01, '*': ~ }")).toEqual(['A01', 'A09'])
    expect(await present("{ GP: A09, ICB: A01, '*': A14 }")).toEqual(['A01', 'A09', 'A14'])
  })
})

describe('rows of kinds', () => {
  const contract = (where: string): string =>
    smallContract.replace('reviews:\n', `reviews:\n    where: { column: Note, ${where} }\n`)
  const lines = [
    smallHeading,
    smallLine({ No: '1', Note: 'DSR review' }),
    smallLine({ No: '2', NHS: '', Note: 'CPA review' }),
    smallLine({ No: '3', NHS: '', Note: 'DSR reveiw' }),
    smallLine({ No: '4', NHS: '', Note: '' }),
  ]

  it('that are not wanted are no fault', async () => {
    expect(await faultsOf(await stage(contract('in: [DSR review]'), lines))).toEqual([])
    expect(await rows('select local_id from staged_reviews')).toEqual([{ local_id: '1' }])
  })

  it('that the contract neither wants nor leaves are one: a mistyped kind is not lost', async () => {
    const staged = await stage(contract('in: [DSR review], leave: [CPA review]'), lines)
    expect(await faultsOf(staged)).toEqual(['4 Note code_not_in_list', '5 Note code_not_in_list'])
    const kept = 'select local_id from staged_reviews anti join set_aside using (sheet, record)'
    expect(await rows(kept)).toEqual([{ local_id: '1' }])
  })
})

describe('who a record is about', () => {
  const nobody = { NHS: '', Surname: '', First: '', Born: '' }

  it('is asked once where nothing says it', async () => {
    const staged = await stage(smallContract, [smallHeading, smallLine(nobody)])
    expect(await faultsOf(staged)).toEqual(['2 NHS, Surname, First, Born required_value_missing'])
  })

  it('is asked field by field where something does', async () => {
    const staged = await stage(smallContract, [smallHeading, smallLine({ ...nobody, First: 'Ada' })])
    expect(await faultsOf(staged)).toEqual(['2 Surname required_value_missing', '2 Born required_value_missing'])
  })
})

describe('one NHS number for two people of a file', () => {
  const ada = { No: '1', NHS: '9990000018', Surname: 'Marsh', First: 'Ada', Born: '05/01/1990' }
  const faultsFor = async (...people: readonly Partial<Record<string, string>>[]): Promise<readonly string[]> =>
    faultsOf(await stage(smallContract, [smallHeading, ...people.map((person) => smallLine(person))]))

  it('stays with the first, which is flagged; the later one is held back', async () => {
    const bo = { ...ada, No: '2', Surname: 'Reed', First: 'Bo', Born: '07/07/1971' }
    expect(await faultsFor(ada, bo)).toEqual(['2 NHS nhs_number_also_of_another', '3 NHS nhs_number_of_another_person'])
    expect(await faultsFor(bo, ada)).toEqual(['2 NHS nhs_number_also_of_another', '3 NHS nhs_number_of_another_person'])
  })

  it('is no fault where the agency has one person twice, with another surname or a mistyped birth date', async () => {
    expect(await faultsFor(ada, { ...ada, No: '2', Surname: 'Hill' })).toEqual([])
    expect(await faultsFor(ada, { ...ada, No: '2', Surname: 'MÁRSH', Born: '01/05/1990' })).toEqual([])
  })

  it('holds back each later one, and no one else', async () => {
    const others = [
      { ...ada, No: '2', First: 'Bo', Born: '07/07/1971' },
      { ...ada, No: '3', First: 'Cy', Born: '08/08/1982' },
      { ...ada, No: '4' },
    ]
    expect(await faultsFor(ada, ...others)).toEqual([
      '2 NHS nhs_number_also_of_another',
      '3 NHS nhs_number_of_another_person',
      '4 NHS nhs_number_of_another_person',
    ])
  })
})

describe('a birth in the future', () => {
  it('is itself what is wrong: no other date is said to be before it', async () => {
    const staged = await stage(smallContract, [smallHeading, smallLine({ Born: '04/07/2062' })])
    const ofDates = (await faultsOf(staged)).filter((fault) => fault.includes(' date_'))
    expect(ofDates).toEqual(['2 Born date_in_future'])
  })
})

describe('headings', () => {
  const stop = async (heading: string, more = ''): Promise<string> => {
    const error: unknown = await stage(smallContract, [heading, `${smallLine()}${more}`]).catch(
      (thrown: unknown) => thrown,
    )
    return error instanceof Error ? error.message : 'the file was taken'
  }

  it('may differ from the contract in capitals, spaces and the width of letters', async () => {
    expect(await stop(smallHeading.replace('Surname', ' SURNAME  ').replace('Note', 'Ｎote'))).toBe(
      'the file was taken',
    )
  })

  it('with a letter of another alphabet stop the file, and it is said why', async () => {
    expect(await stop(smallHeading.replace('Surname', 'Surnаme'))).toMatch(
      'column “Surname” is missing. A column of the file only looks like it',
    )
  })

  it('with an invisible character stop the file', async () => {
    expect(await stop(smallHeading.replace('Surname', 'Sur\u200bname'))).toMatch('only looks like it')
  })

  it('two of which look alike stop the file', async () => {
    const problem = 'two columns look alike, as “note”'
    expect(await stop(`${smallHeading},Nоte`, ',x')).toMatch(problem)
    expect(await stop(`${smallHeading},No\u2060te`, ',x')).toMatch(problem)
  })

  it.each(['__proto__', 'constructor', 'Prototype', '__pro\u200bto__'])('named %s stop the file', async (name) => {
    expect(await stop(`${smallHeading},${name}`, ',x')).toMatch(
      'column 13 has a name that programs keep for themselves',
    )
  })

  it('that are too long stop the file and are not printed', async () => {
    const message = await stop(`${smallHeading},${'Zquix '.repeat(40)}`, ',x')
    expect(message).toMatch('the heading of column 13 is longer than 200 characters')
    expect(message.length).toBeLessThan(600)
  })
})

describe('a contract', () => {
  it.each([
    ['multiplies a text', 'summary: Note', 'summary: { column: Note, times: 2 }', 'times is only for a number'],
    [
      'both wants and leaves a kind',
      'reviews:',
      'reviews:\n    where: { column: Note, in: [a], leave: [b, a] }',
      'a kind cannot be both wanted and left',
    ],
  ])('that %s is refused', (_, form, other, problem) => {
    const file = join(folder, 'small.yml')
    writeFileSync(file, smallContract.replace(form, other))
    expect(readContract(file).problems.join('\n')).toContain(problem)
  })
})
