import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import iconv from 'iconv-lite'
import { parse } from 'yaml'
import { afterAll, describe, expect, it } from 'vitest'
import { blocksOf, columnsOf, contractSchema, mappingOf, type Contract } from '../../ingest/contract.ts'
import { draftContract, type Drafted, type DraftOptions } from '../../ingest/draft/draftContract.ts'
import { foldWords, likeness } from '../../ingest/draft/foldWords.ts'
import { draftCodes, likelyCode } from '../../ingest/draft/likelyCode.ts'
import { marksIn } from '../../ingest/draft/countMarks.ts'
import { sniffFile } from '../../ingest/draft/sniffFile.ts'
import { readContract } from '../../ingest/readContracts.ts'
import { tableNames } from '../../register/readDictionary.ts'
import { samples } from './deployment.ts'

const folder = mkdtempSync(join(tmpdir(), 'dsr-draft-test-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function write(name: string, content: string | Buffer): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const kept = new Map<string, Promise<Drafted>>()

/** Drafts a file once for all tests that ask the same of it. */
function draft(path: string, more: Partial<DraftOptions> = {}): Promise<Drafted> {
  const key = JSON.stringify([path, { ...more, feed: 'drafted' }])
  const made = kept.get(key) ?? draftAnew(path, more)
  kept.set(key, made)
  return made
}

function draftAnew(path: string, more: Partial<DraftOptions>): Promise<Drafted> {
  return draftContract(path, {
    feed: 'drafted',
    agency: 'Agency (made up)',
    kind: 'A02',
    icbs: ['QOQ'],
    work: folder,
    ...more,
  })
}

/** The draft as ingest will read it; a draft is sound at once or it is none. */
async function drafted(path: string, more: Partial<DraftOptions> = {}): Promise<Contract> {
  const { yaml } = await draft(path, more)
  expect(readContract(write('drafted.yml', yaml)).problems).toEqual([])
  return contractSchema.parse(parse(yaml))
}

interface Placed {
  readonly field: string
  readonly columns: string
  readonly line: string
}

/** Which column goes where: `people.nhs_number` from `NHS Number`. */
function placed(contract: Contract): readonly Placed[] {
  return tableNames.flatMap((table) =>
    blocksOf(contract, table).flatMap((block) =>
      Object.entries(block.fields).flatMap(([name, given]) => {
        const columns = columnsOf(mappingOf(given)).map((column) =>
          column === 'part' && block.split ? block.split.column : column,
        )
        const place = columns.map((column) => `${block.sheet ?? ''}/${block.each ?? ''}/${column}`).sort()
        return columns.length === 0 ? [] : [{ field: `${table}.${name}`, columns: place.join(' + '), line: name }]
      }),
    ),
  )
}

describe('a draft of the sample extracts', () => {
  const feeds = readdirSync(samples)
    .filter((file) => file.endsWith('.yml'))
    .map((file) => file.replace('.yml', ''))
  const files: Readonly<Record<string, string>> = {
    council: 'adult_social_care.csv',
    childrens_services: 'childrens_services.ndjson',
    mental_health_trust: 'mental_health_trust.xlsx',
    supported_living: 'supported_living.csv',
  }

  it.each(feeds)('of %s has nearly all that the contract written by hand has', async (feed) => {
    const reference = contractSchema.parse(parse(readFileSync(join(samples, `${feed}.yml`), 'utf8')))
    const own = placed(
      await drafted(join(samples, files[feed] ?? ''), { feed: 'drafted', kind: reference.agency.kind }),
    )
    const wanted = placed(reference)
    const isRight = ({ field, columns }: Placed): boolean =>
      own.some((one) => one.field === field && one.columns === columns)
    const ofPeople = wanted.filter(({ field }) => field.startsWith('people.'))
    const share = (all: readonly Placed[]): number => all.filter(isRight).length / all.length
    expect(share(ofPeople)).toBeGreaterThanOrEqual(0.8)
    expect(share(wanted)).toBeGreaterThanOrEqual(0.7)
  })

  it.each(feeds)('of %s puts no column into a wrong field of a person without a mark', async (feed) => {
    const reference = contractSchema.parse(parse(readFileSync(join(samples, `${feed}.yml`), 'utf8')))
    const { yaml } = await draft(join(samples, files[feed] ?? ''), { kind: reference.agency.kind })
    const wanted = placed(reference).filter(({ field }) => field.startsWith('people.'))
    const marked = new Set(
      yaml.split('\n').flatMap((line) => (line.includes(' # ? ') ? [line.trim().split(':')[0] ?? ''] : [])),
    )
    const wrong = placed(contractSchema.parse(parse(yaml)))
      .filter(({ field, line }) => field.startsWith('people.') && !marked.has(line))
      .filter(
        ({ field, columns }) =>
          wanted.some((one) => one.columns === columns || one.field === field) &&
          !wanted.some((one) => one.field === field && one.columns === columns),
      )
    expect(wrong).toEqual([])
  })
})

const heading =
  'Client ID;Surname;Forename;DOB;NHS No;Post Code;RAG rating;RAG date;Consent given?;Consent date;Seen by'
const lines = [
  'C-1;Marsh;Ada;05.01.1990;9990000018;HU21 1AA;Green;01.06.2026;Yes;02.06.2026;Joan Rowe',
  'C-2;Stead;Ben;17.02.1991;;HU21 1AB;Red;13.06.2026;No;03.06.2026;Joan Rowe',
  'C-3;Vale;Cleo;28.03.1992;;HU21 1AC;Amber;20.06.2026;Mum says Cleo agreed;04.06.2026;Tom Ash',
]

describe('a draft', () => {
  it('finds out how a file is read, whatever its name', () => {
    const text = ['Return of the council', '', heading, ...lines, 'Total;3'].join('\r\n')
    const csv = { format: 'csv', delimiter: ';', skipRows: 2 }
    expect(sniffFile(write('a.txt', text))).toMatchObject({ ...csv, encoding: 'utf-8' })
    expect(sniffFile(write('b.txt', iconv.encode(`${text}\r\nZoë`, 'windows-1252')))).toMatchObject({
      ...csv,
      encoding: 'windows-1252',
    })
    expect(sniffFile(write('c.txt', iconv.encode(text, 'utf-16le', { addBOM: true })))).toMatchObject({
      ...csv,
      encoding: 'utf-16',
    })
    expect(sniffFile(write('d.csv', '{"a": 1}\n{"a": 2}\n'))).toMatchObject({ format: 'ndjson' })
    expect(sniffFile(write('e.csv', '[\n{"a": 1}]'))).toMatchObject({ format: 'json', records: null })
    expect(sniffFile(write('f.csv', '{\n"made": "x",\n"people": [\n{"a": 1}]}'))).toMatchObject({
      format: 'json',
      records: 'people',
    })
  })

  it('of a file without a heading row is refused, and nothing of it is told', async () => {
    const failed = draft(write('none.csv', lines.join('\n')))
    await expect(failed).rejects.toThrow(/none\.csv has no heading row/)
    await expect(failed).rejects.not.toThrow(/Marsh|HU21|9990000018/)
  })

  it('of a file that says of nobody who they are is refused with what to do', async () => {
    await expect(draft(write('nobody.csv', 'Ward,Beds\nAlder,4\nTeasel,5\n'))).rejects.toThrow(
      /names and dates of birth/,
    )
  })

  it('reads dates as they are written, and the totals row as none', async () => {
    const contract = await drafted(write('dates.csv', [heading, ...lines, 'Total;3'].join('\n')))
    expect(contract.dates).toEqual(['%d.%m.%Y'])
    expect(contract.read).toMatchObject({ delimiter: ';', footer: { column: 'Client ID', starts_with: 'Total' } })
    expect(placed(contract).map(({ field }) => field)).toEqual(
      expect.arrayContaining([
        'people.local_id',
        'people.nhs_number',
        'people.date_of_birth',
        'ratings.effective_from',
        'consents.decision_date',
      ]),
    )
  })

  it('marks dates that might have the month first', async () => {
    const all = lines.map((line) => line.replaceAll(/\d\d\.(\d\d)\.(\d{4})/g, '03/$1/$2'))
    expect((await draft(write('unsure.csv', [heading, ...all].join('\n')))).yaml).toMatch(
      /^dates: .* # \? no date of the file tells whether the day comes first$/m,
    )
  })

  it('holds no name, number, date or remark of anybody', async () => {
    const { yaml } = await draft(write('private.csv', [heading, ...lines].join('\n')))
    for (const value of ['Marsh', 'Ada', 'Cleo', 'C-1', '9990000018', 'HU21', '1990', '02.06', 'Joan', 'Rowe', 'Mum'])
      expect(yaml).not.toContain(value)
    expect(yaml).toMatch(/basis: # \? .*1 word was not written down/)
  })

  it('says what consent a plain yes means only with a mark', async () => {
    const { yaml, doubts } = await draft(write('consent.csv', [heading, ...lines].join('\n')))
    expect(yaml).toMatch(/'Yes': K01 # \? likely/)
    expect(yaml).toMatch(/'No': K92$/m)
    expect((await draft(write('school.csv', [heading, ...lines].join('\n')), { kind: 'A04' })).yaml).toMatch(
      /'Yes': K04 # \? likely/,
    )
    expect(marksIn(yaml)).toBe(doubts.length)
  })

  it('without any word of consent keeps everybody off the register until somebody says', async () => {
    const bare = (line: string): string => line.split(';').slice(0, 8).join(';')
    const contract = await drafted(write('silent.csv', [heading, ...lines].map(bare).join('\n')))
    expect(contract.tables.consents).toMatchObject({ fields: { basis: { value: 'K90' } } })
  })

  it('maps or ignores every column, and joins numbered ones', async () => {
    const wide =
      'Ref,Name,Date of birth,Address 1,Address 2,Risk 1,Risk 2,Service 1,Status 1,Service 2,Status 2,Shoe laces\n'
    const row = '7,"MARSH, Ada",1990-05-01,1 Kirk Lane,Hull,Self harm,Missing,Respite,Waiting,Advocacy,In place,long\n'
    const contract = await drafted(write('wide.csv', wide + row + row.replace('7,', '8,')))
    expect(contract.ignore).toEqual(['Shoe laces'])
    expect(contract.tables.people).toMatchObject({
      fields: {
        address_lines: { columns: ['Address 1', 'Address 2'] },
        family_name: { column: 'Name', part: '^([^,]+),' },
      },
    })
    expect(contract.tables.issues).toMatchObject({ repeat: [1, 2], when: 'Risk {n}' })
    expect(contract.tables.actions).toMatchObject({
      repeat: [1, 2],
      fields: {
        service_code: { column: 'Service {n}', codes: { Respite: 'S26', Advocacy: 'S20' } },
        state: { column: 'Status {n}' },
      },
    })
  })
})

describe('words', () => {
  it('are folded so that spelling does not matter', () => {
    expect(['NHS-No.', 'nhsNumber', 'D.o.B', 'DoB', 'Été '].map(foldWords)).toEqual([
      'nhs no',
      'nhs number',
      'd o b',
      'dob',
      'ete',
    ])
    expect(likeness('date of birth', 'birth date')).toBeGreaterThan(0.7)
    expect(likeness('ward', 'postcode')).toBe(0)
  })

  it('of an agency find the code they most likely mean', () => {
    expect(likelyCode('ratings', 'RED')).toEqual({ code: 'red', isSure: true })
    expect(likelyCode('entry_decisions', 'Eligible, consent refused').code).toBe('rejected')
    expect(likelyCode('consent_bases', 'Yes – best interests meeting')).toEqual({ code: 'K06', isSure: false })
    expect(likelyCode('themes', 'Xylophone')).toEqual({ code: null, isSure: false })
  })

  it('that might be somebody’s are left out, and counted', () => {
    const words = ['Respite', 'Rowe visits', 'ring 07700', 'She likes it'].map((said) => ({ said, count: 1 }))
    const codes = draftCodes('services', words, new Set(['rowe']))
    expect([codes.entries.map(({ said }) => said), codes.leftOut]).toEqual([['Respite'], 3])
  })
})
