import ExcelJS from 'exceljs'
import fc from 'fast-check'
import iconv from 'iconv-lite'
import { expect, it } from 'vitest'
import { stringify } from 'yaml'
import { makeDeployment } from './deployment.ts'

/** What one agency knows of one invented person. */
interface Person {
  readonly local_id: string
  readonly nhs_number: string | null
  readonly family_name: string
  readonly given_name: string
  readonly date_of_birth: string
  readonly sex_code: '1' | '2' | null
  readonly other_diagnoses: readonly string[]
  readonly rating: 'red' | 'amber' | 'green'
  readonly since: string
  readonly consent: 'K01' | 'K06'
  readonly reviews: readonly { readonly held_on: string; readonly summary: string }[]
}

/** How an agency writes it down. */
interface Shape {
  readonly layout: 'wide' | 'long' | 'sheets' | 'lines' | 'document'
  readonly encoding: 'utf-8' | 'utf-8 with a mark' | 'utf-16' | 'windows-1252'
  readonly delimiter: ',' | ';' | '\t' | '|'
  readonly lineEnd: '\n' | '\r\n'
  readonly quoteAll: boolean
  readonly titles: number
  readonly footer: boolean
  readonly dates: '%d/%m/%Y' | '%Y-%m-%d' | '%d %b %Y' | '%d.%m.%Y'
  readonly names: 'apart' | 'together'
  readonly words: Readonly<Record<'red' | 'amber' | 'green' | 'K01' | 'K06' | '1' | '2', string>> | null
  readonly missing: '' | 'n/k' | '-'
  /** Turns the order of the columns. */
  readonly turn: number
}

const validNumbers = [
  '9990000018', '9990000026', '9990000034', '9990000042', '9990000050', '9990000069', '9990000077', '9990000085',
] // prettier-ignore

const day = (from: string, to: string): fc.Arbitrary<string> =>
  fc
    .date({ min: new Date(from), max: new Date(to), noInvalidDate: true })
    .map((date) => date.toISOString().slice(0, 10))
const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'é', 'ö', 'ñ', "'", '-', 'Z'), minLength: 1, maxLength: 8 })
const name = letters.map((text) => `N${text}`)
const note = fc
  .string({
    unit: fc.constantFrom('a', 'é', '–', '“', '”', '"', ',', ';', '|', '\n', ' ', '=', '{', '1'),
    maxLength: 20,
  })
  .map((text) => `X${text}X`)

const person = fc.record({
  family_name: name,
  given_name: name,
  date_of_birth: day('1940-01-01', '2007-01-01'),
  sex_code: fc.constantFrom('1' as const, '2' as const, null),
  other_diagnoses: fc.uniqueArray(letters, { maxLength: 2 }),
  hasNumber: fc.boolean(),
  rating: fc.constantFrom('red' as const, 'amber' as const, 'green' as const),
  since: day('2025-01-01', '2026-10-01'),
  consent: fc.constantFrom('K01' as const, 'K06' as const),
  reviews: fc.uniqueArray(fc.record({ held_on: day('2025-01-01', '2026-10-01'), summary: note }), {
    maxLength: 3,
    selector: ({ held_on }) => held_on,
  }),
})

const people: fc.Arbitrary<readonly Person[]> = fc.array(person, { minLength: 1, maxLength: 6 }).map((list) =>
  list.map(({ hasNumber, ...rest }, index) => ({
    ...rest,
    local_id: `P-${index + 1}`,
    nhs_number: hasNumber ? (validNumbers[index] ?? null) : null,
  })),
)

const shape: fc.Arbitrary<Shape> = fc.record<Shape>({
  layout: fc.constantFrom('wide', 'long', 'sheets', 'lines', 'document'),
  encoding: fc.constantFrom('utf-8', 'utf-8 with a mark', 'utf-16', 'windows-1252'),
  delimiter: fc.constantFrom(',', ';', '\t', '|'),
  lineEnd: fc.constantFrom('\n', '\r\n'),
  quoteAll: fc.boolean(),
  titles: fc.integer({ min: 0, max: 3 }),
  footer: fc.boolean(),
  dates: fc.constantFrom('%d/%m/%Y', '%Y-%m-%d', '%d %b %Y', '%d.%m.%Y'),
  names: fc.constantFrom('apart', 'together'),
  words: fc.constantFrom(
    null,
    { red: 'High', amber: 'Medium', green: 'Low', K01: 'Said yes', K06: 'Best interests', '1': 'M', '2': 'F' },
    { red: 'R', amber: 'A', green: 'G', K01: '1', K06: '6', '1': 'Männlich', '2': 'Weiblich' },
  ),
  missing: fc.constantFrom('', 'n/k', '-'),
  turn: fc.nat(9),
})

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

function written(iso: string, form: Shape['dates']): string {
  const [year = '', month = '', date = ''] = iso.split('-')
  const parts: Readonly<Record<string, string>> = { Y: year, m: month, d: date, b: months[Number(month) - 1] ?? '' }
  return form.replaceAll(/%(\w)/g, (_, letter: string) => parts[letter] ?? '')
}

type Cells = Readonly<Record<string, string>>

/** A person's own columns; the headings are nobody's but ours. */
function ownCells(of: Person, made: Shape): Cells {
  const word = (code: keyof NonNullable<Shape['words']>): string => made.words?.[code] ?? code
  const names: Cells =
    made.names === 'apart'
      ? { Surname: of.family_name, Forename: of.given_name }
      : { Patient: `${of.family_name}, ${of.given_name}` }
  return {
    'Our no.': of.local_id,
    'NHS Nr': of.nhs_number ?? made.missing,
    ...names,
    Born: written(of.date_of_birth, made.dates),
    Gender: of.sex_code === null ? made.missing : word(of.sex_code),
    Colour: word(of.rating),
    'Colour since': written(of.since, made.dates),
    Agreed: word(of.consent),
    Diagnoses: of.other_diagnoses.length === 0 ? made.missing : of.other_diagnoses.join(' / '),
  }
}

function turned(cells: Cells, turn: number): Cells {
  const entries = Object.entries(cells)
  return Object.fromEntries([...entries.slice(turn), ...entries.slice(0, turn)])
}

/** The person's fields in the contract, however the file is laid out. */
function personBlocks(made: Shape, extra: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { words } = made
  const coded = (column: string, ...codes: readonly (keyof NonNullable<Shape['words']>)[]): unknown =>
    words === null ? column : { column, codes: Object.fromEntries(codes.map((code) => [words[code], code])) }
  const names =
    made.names === 'apart'
      ? { family_name: 'Surname', given_name: 'Forename' }
      : {
          family_name: { column: 'Patient', part: '^([^,]+),' },
          given_name: { column: 'Patient', part: ', (.*)$' },
        }
  const isList = made.layout === 'lines' || made.layout === 'document'
  return {
    people: {
      ...extra,
      fields: {
        local_id: 'Our no.',
        nhs_number: 'NHS Nr',
        ...names,
        date_of_birth: 'Born',
        sex_code: coded('Gender', '1', '2'),
        other_diagnoses: isList ? 'Diagnoses' : { column: 'Diagnoses', by: ' / ' },
      },
    },
    ratings: { ...extra, fields: { rating: coded('Colour', 'red', 'amber', 'green'), effective_from: 'Colour since' } },
    consents: { ...extra, fields: { basis: coded('Agreed', 'K01', 'K06') } },
  }
}

interface Written {
  readonly file: string
  readonly bytes: Uint8Array
  readonly read: Readonly<Record<string, unknown>>
  readonly tables: Readonly<Record<string, unknown>>
}

async function write(list: readonly Person[], made: Shape): Promise<Written> {
  const { layout } = made
  if (layout === 'sheets') return writeSheets(list, made)
  if (layout === 'lines' || layout === 'document') return writeJson(list, made)
  return layout === 'wide' ? writeWide(list, made) : writeLong(list, made)
}

function writeWide(list: readonly Person[], made: Shape): Written {
  const rows = list.map((of) => {
    const reviews = [0, 1, 2].map((index): Cells => {
      const review = of.reviews[index]
      return {
        [`Met ${index + 1}`]: review ? written(review.held_on, made.dates) : '',
        [`What was said ${index + 1}`]: review?.summary ?? '',
      }
    })
    return turned(Object.assign({}, ownCells(of, made), ...reviews) as Cells, made.turn)
  })
  const reviews = {
    repeat: [1, 2, 3],
    fields: { held_on: 'Met {n}', summary: 'What was said {n}', kind: { value: 'dsr' } },
  }
  return writeCsv(rows, made, { ...personBlocks(made, {}), reviews })
}

/** A line for each review, with everything of the person on each. */
function writeLong(list: readonly Person[], made: Shape): Written {
  const rows = list.flatMap((of) =>
    (of.reviews.length === 0 ? [null] : of.reviews).map((review) =>
      turned(
        {
          ...ownCells(of, made),
          Met: review ? written(review.held_on, made.dates) : '',
          'What was said': review?.summary ?? '',
        },
        made.turn,
      ),
    ),
  )
  const reviews = { when: 'Met', fields: { held_on: 'Met', summary: 'What was said', kind: { value: 'dsr' } } }
  return writeCsv(rows, made, { ...personBlocks(made, {}), reviews })
}

function writeCsv(rows: readonly Cells[], made: Shape, tables: Readonly<Record<string, unknown>>): Written {
  const headings = Object.keys(rows[0] ?? {})
  const isSpecial = new RegExp(`["\n\r${made.delimiter === '|' ? '\\|' : made.delimiter}]`)
  const cell = (text: string): string =>
    made.quoteAll || isSpecial.test(text) ? `"${text.replaceAll('"', '""')}"` : text
  const line = (cells: readonly string[]): string => cells.map(cell).join(made.delimiter)
  const footer = headings.map((_, index) => (index === 0 ? 'Total of all' : ''))
  const lines = [
    ...Array.from({ length: made.titles }, (_, index) => `Title ${index}`),
    line(headings),
    ...rows.map((row) => line(headings.map((heading) => row[heading] ?? ''))),
    ...(made.footer ? [line(footer)] : []),
  ]
  const encoding = made.encoding === 'utf-8 with a mark' ? 'utf-8' : made.encoding
  const bytes = iconv.encode(`${lines.join(made.lineEnd)}${made.lineEnd}`, encoding, {
    addBOM: made.encoding !== 'utf-8' && made.encoding !== 'windows-1252',
  })
  return {
    file: 'a.csv',
    bytes,
    read: {
      format: 'csv',
      encoding,
      delimiter: made.delimiter,
      skip_rows: made.titles,
      ...(made.footer ? { footer: { column: headings[0], starts_with: 'Total' } } : {}),
    },
    tables,
  }
}

async function writeSheets(list: readonly Person[], made: Shape): Promise<Written> {
  const workbook = new ExcelJS.Workbook()
  const add = (sheetName: string, rows: readonly Cells[], headings: readonly string[]): void => {
    const sheet = workbook.addWorksheet(sheetName)
    for (let title = 0; title < made.titles; title++) sheet.addRow([`Title ${title}`])
    sheet.addRow([...headings])
    for (const row of rows) sheet.addRow(headings.map((heading) => (row[heading] === '' ? null : row[heading])))
  }
  const rows = list.map((of) => turned(ownCells(of, made), made.turn))
  add('People', rows, Object.keys(rows[0] ?? {}))
  const reviews = list.flatMap((of) =>
    of.reviews.map((review) => ({
      'Our no.': of.local_id,
      Met: written(review.held_on, made.dates),
      'What was said': review.summary,
    })),
  )
  add('Meetings', reviews, ['Our no.', 'Met', 'What was said'])
  return {
    file: 'a.xlsx',
    bytes: new Uint8Array(await workbook.xlsx.writeBuffer()),
    read: { format: 'xlsx', skip_rows: made.titles },
    tables: {
      ...personBlocks(made, { sheet: 'People' }),
      reviews: {
        sheet: 'Meetings',
        fields: { local_id: 'Our no.', held_on: 'Met', summary: 'What was said', kind: { value: 'dsr' } },
      },
    },
  }
}

function writeJson(list: readonly Person[], made: Shape): Written {
  const records = list.map((of) => ({
    ...turned(ownCells(of, made), made.turn),
    Diagnoses: of.other_diagnoses,
    meetings: of.reviews.map((review) => ({ when: written(review.held_on, made.dates), said: review.summary })),
  }))
  const isDocument = made.layout === 'document'
  const text = isDocument
    ? JSON.stringify({ made: 'up', list: { people: records } }, null, made.titles)
    : records.map((record) => JSON.stringify(record)).join(made.lineEnd)
  return {
    file: isDocument ? 'a.json' : 'a.ndjson',
    bytes: Buffer.from(text),
    read: isDocument ? { format: 'json', records: 'list.people' } : { format: 'ndjson' },
    tables: {
      ...personBlocks(made, {}),
      reviews: { each: 'meetings', fields: { held_on: 'when', summary: 'said', kind: { value: 'dsr' } } },
    },
  }
}

/** Everything of the register that the people were made of, in a fixed order. */
const exportSql = `
select distinct
    agency_records.local_id, agency_records.nhs_number, agency_records.family_name, agency_records.given_name,
    agency_records.date_of_birth::varchar as date_of_birth, agency_records.sex_code,
    coalesce(list_sort(agency_records.other_diagnoses), []) as other_diagnoses,
    ratings.rating, ratings.effective_from::varchar as since, persons.consent_basis as consent,
    coalesce((select list(distinct {'held_on': held_on::varchar, 'summary': summary} order by {'held_on': held_on::varchar, 'summary': summary})
        from reviews where reviews.person_id = agency_records.person_id), []) as reviews
from agency_records
join persons using (person_id)
join ratings using (person_id)
order by agency_records.local_id`

/** Two people of the random list may be alike in all that matching looks at; then they are one, as they should be. */
function haveOneIdentity(list: readonly Person[]): boolean {
  const folded = (text: string): string =>
    text
      .normalize('NFD')
      .toLowerCase()
      .replaceAll(/[^a-z]/g, '')
  const keys = list.map((of) => `${of.date_of_birth} ${folded(of.family_name)} ${folded(of.given_name)}`)
  return new Set(keys).size < keys.length
}

it('the same register comes out of any shape that a contract can describe', async () => {
  await fc.assert(
    fc.asyncProperty(people, shape, async (list, made) => {
      fc.pre(!haveOneIdentity(list))
      const { file, bytes, read, tables } = await write(list, made)
      const deployment = makeDeployment()
      try {
        deployment.contract(
          'any',
          stringify({
            feed: 'any',
            agency: { name: 'Any agency (made up)', kind: 'A02' },
            basis: 'register_consent',
            from: { folder: 'extracts/any', files: '*' },
            delivered_on: { value: '2026-10-30' },
            read,
            dates: [made.dates],
            missing: ['', made.missing],
            ignore: made.layout === 'document' ? ['made'] : [],
            tables,
          }),
        )
        deployment.extract('any', file, bytes)
        await deployment.ingest()
        const found = await deployment.register(exportSql)
        const wanted = list.map((of) => ({
          ...of,
          other_diagnoses: of.other_diagnoses.toSorted(),
          reviews: of.reviews.toSorted((a, b) => (a.held_on < b.held_on ? -1 : 1)),
        }))
        expect(found).toEqual(wanted)
      } finally {
        deployment.remove()
      }
    }),
    { numRuns: 16, seed: 4 },
  )
}, 300_000)
