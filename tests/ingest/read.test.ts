import Excel from 'exceljs'
import iconv from 'iconv-lite'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { contractSchema, type Contract } from '../../ingest/contract.ts'
import { loadPipe, makePipe } from '../../ingest/read/loadPipe.ts'
import { readRaw, type RawTable } from '../../ingest/read/readRaw.ts'
import type { ReadRequest } from '../../ingest/read/readRequest.ts'
import { startReader } from '../../ingest/read/startReader.ts'
import { readContract } from '../../ingest/readContracts.ts'
import { DsrError } from '../../register/errors.ts'
import { openDuckDB, quoteText, type Database } from '../../store/openDuckDB.ts'
import { smallContract } from './deployment.ts'
import { rowXml, workbookParts, zipOf } from './zip.ts'

let database: Database
let folder: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dsr-read-'))
  database = await openDuckDB({ attach: [] })
})

afterAll(() => {
  database.close()
  rmSync(folder, { recursive: true, force: true })
})

interface How {
  readonly read?: Readonly<Record<string, unknown>>
  readonly limits?: Readonly<Record<string, number>>
  readonly ignore?: readonly string[]
  /** Sheet and the rows above its heading. */
  readonly sheets?: Readonly<Record<string, number>>
}

interface ReadTable extends RawTable {
  /** record, note and cells of each record, in order of the file. */
  readonly rows: readonly (readonly unknown[])[]
}

/** Reads a file of these bytes as ingest would, and gives all that came of it. */
async function readAll(content: string | Uint8Array, how: How = {}): Promise<readonly ReadTable[]> {
  const path = join(folder, 'file')
  writeFileSync(path, content)
  return readPath(path, how)
}

function contractOf({ read = {}, limits = {}, ignore = [], sheets }: How): Contract {
  const fields = { local_id: 'No' }
  const blocks = Object.entries(sheets ?? {}).map(([sheet, skip_rows]) => ({ sheet, skip_rows, fields }))
  return contractSchema.parse({
    feed: 'small',
    agency: { name: 'Small agency (made up)', kind: 'A02' },
    basis: 'register_consent',
    from: { folder: 'extracts/small' },
    delivered_on: { value: '2026-10-30' },
    read: { format: sheets ? 'xlsx' : 'csv', ...read },
    limits,
    ignore,
    tables: { people: blocks.length > 0 ? blocks : { fields } },
  })
}

async function readPath(path: string, how: How): Promise<ReadTable[]> {
  const tables = await readRaw(database.connection, folder, contractOf(how), path)
  return Promise.all(
    tables.map(async (table) => ({
      ...table,
      rows: (
        await database.connection.runAndReadAll(`select * from ${table.name} order by record`)
      ).getRowsJson() as unknown[][],
    })),
  )
}

async function refusal(content: string | Uint8Array, how: How = {}): Promise<string> {
  const outcome: unknown = await readAll(content, how).catch((error: unknown) => error)
  if (!(outcome instanceof DsrError)) throw new Error('the file was not refused', { cause: outcome })
  return `${outcome.message} ${outcome.remedy}`
}

async function only(content: string | Uint8Array, how: How = {}): Promise<ReadTable> {
  const [table] = await readAll(content, how)
  if (!table) throw new Error('nothing was read')
  return table
}

describe('a text file', () => {
  const text = 'No,Name\r\n1,André\r\n2,"says ""no"",\r\nthen “yes”"\r\n'
  const rows = [
    ['1'.padStart(0), null, '1', 'André'],
    ['3', null, '2', 'says "no",\r\nthen “yes”'],
  ].map(([, ...cells], index) => [String(index + 2), ...cells])

  it.each([
    ['UTF-8', 'utf-8', Buffer.from(text)],
    ['UTF-8 with a byte-order mark', 'utf-8', Buffer.from(`\ufeff${text}`)],
    ['Windows-1252', 'windows-1252', iconv.encode(text, 'windows-1252')],
    ['UTF-16, little end first', 'utf-16', iconv.encode(text, 'utf-16le', { addBOM: true })],
    ['UTF-16, big end first', 'utf-16', iconv.encode(text, 'utf-16be', { addBOM: true })],
    ['UTF-16 without a byte-order mark', 'utf-16', iconv.encode(text, 'utf-16le')],
  ])('in %s gives the same cells', async (_, encoding, bytes) => {
    const table = await only(bytes, { read: { encoding } })
    expect(table.headings).toEqual(['No', 'Name'])
    expect(table.rows).toEqual(rows)
  })

  it('in Windows-1252 keeps every letter, and marks the bytes that are none', async () => {
    const letters = Buffer.from(Array.from({ length: 128 }, (_, index) => 0x80 + index))
    const bytes = Buffer.concat([Buffer.from('No,Name\n1,'), letters, Buffer.from('\n2,b\n')])
    const table = await only(bytes, { read: { encoding: 'windows-1252' } })
    expect(table.rows[0]?.[3]).toBe(iconv.decode(letters, 'windows-1252'))
    expect(String(table.rows[0]?.[3])).toContain('€\ufffd‚')
  })

  it.each(['\t', ';', '|', '~', '^', ':', ' ', '#'])('may part its values with “%s”', async (delimiter) => {
    const table = await only([`No${delimiter}Name`, `1${delimiter}"a${delimiter}b, ""c"""`, '2|'].join('\n'), {
      read: { delimiter },
    })
    expect(table.rows[0]).toEqual(['2', null, '1', `a${delimiter}b, "c"`])
  })

  it('may have other marks around its values, or none', async () => {
    const single = await only(`No,Name\n1,'a, "b" ''c'''\n2,"x"\n`, { read: { quote: "'" } })
    expect(single.rows).toEqual([
      ['2', null, '1', `a, "b" 'c'`],
      ['3', null, '2', '"x"'],
    ])
    const none = await only(`No|Name\n1|5' 10" tall\n2|"open\n3|'x\n`, { read: { quote: 'none', delimiter: '|' } })
    expect(none.rows.map((row) => row[3])).toEqual([`5' 10" tall`, '"open', `'x`])
  })

  it('may have titles above its heading, blank lines and no end of its last line', async () => {
    const table = await only('A "title\nanother, one\nNo,Name\n\n1,Ada\n\n2,Ben', { read: { skip_rows: 2 } })
    expect(table.rows).toEqual([
      ['5', null, '1', 'Ada'],
      ['7', null, '2', 'Ben'],
    ])
  })

  it('keeps a note of 40,000 characters, and every row around a broken one', async () => {
    const long = 'Settled. '.repeat(4500)
    const table = await only(`No,Name\n1,"${long}"\n2,a,b\n3,"a" b\n4,x\u0001y\n5,"never closed\n6,Ada\n`)
    expect(table.rows.map((row) => [row[0], row[1]])).toEqual([
      ['2', null],
      ['3', 'wrong_number_of_columns'],
      ['4', 'stray_quote'],
      ['5', 'control_characters'],
      ['6', 'stray_quote'],
      ['7', null],
    ])
    expect(table.rows[0]?.[3]).toBe(long)
    expect(table.rows[3]?.[3]).toBe('x y')
    expect(table.counted).toBe(6)
  })

  it('keeps its rows apart where one has a byte that is not UTF-8', async () => {
    const bytes = Buffer.concat([
      Buffer.from('No,Name\n1,Andr'),
      Buffer.from([0xe9]),
      Buffer.from('\n2,Ben\n3,Cy\n4,Di\n'),
    ])
    const table = await only(bytes)
    expect(table.rows.map((row) => row[3])).toEqual(['Andr\ufffd', 'Ben', 'Cy', 'Di'])
  })

  it('of another encoding than declared is told which one it looks like', async () => {
    const names = Array.from({ length: 10 }, (_, index) => `${index},André`).join('\n')
    const windows = iconv.encode(`No,Name\n${names}\n`, 'windows-1252')
    expect(await refusal(windows)).toMatch(/10 of 10 records .* not utf-8; the file looks like windows-1252/)
    expect(await refusal(`No,Name\n${names}\n`, { read: { encoding: 'windows-1252' } })).toMatch(
      /in UTF-8, but its contract says windows-1252.*read\.encoding: utf-8/,
    )
    expect(await refusal(iconv.encode(`No,Name\n${names}\n`, 'utf-16le'))).toMatch(/in UTF-16/)
    expect(await refusal('No,Name\n1,Ada\n', { read: { encoding: 'utf-16' } })).toMatch(/not in UTF-16/)
  })

  it('leaves nothing behind in the folder of the reader', async () => {
    await only('No,Name\n1,Ada\n')
    await refusal('')
    expect(readdirSync(folder).filter((name) => name !== 'file')).toEqual([])
  })
})

describe('JSON', () => {
  const records = [
    { No: 1, who: { name: 'Ada' }, plan: [{ ref: 'a' }, { ref: 'b', on: null }], nhs: 9990000018 },
    { No: 2, who: { name: 'Ben "B"\nMarsh' }, plan: [], nhs: 9990000026 },
  ]

  it('may be one document that is the list, or holds it somewhere', async () => {
    const plain = await only(JSON.stringify(records, null, 2), { read: { format: 'json' } })
    expect(plain.headings).toEqual(['No', 'who.name', 'plan.ref', 'nhs'])
    expect(plain.lists).toEqual(['plan'])
    expect(plain.rows.map((row) => [row[0], row[1], JSON.parse(String(row[2])) as unknown])).toEqual([
      ['1', null, records[0]],
      ['2', null, records[1]],
    ])
    const deep = { meta: { list: [1, '[{"', { data: { people: [0] } }] }, data: { people: records, count: 2 } }
    const inside = await only(JSON.stringify(deep), { read: { format: 'json', records: 'data.people' } })
    expect(inside.rows.map((row) => JSON.parse(String(row[2])) as unknown)).toEqual(records)
  })

  it('reads the same from a document and from lines', async () => {
    const lines = await only(records.map((record) => JSON.stringify(record)).join('\n'), { read: { format: 'ndjson' } })
    const list = await only(JSON.stringify(records), { read: { format: 'json' } })
    expect(lines.rows).toEqual(list.rows)
    expect(lines.headings).toEqual(list.headings)
  })

  it('keeps a broken line and its neighbours, and takes control characters out', async () => {
    const { rows } = await only('{"No":1}\n{"No":2\n[3]\n{"No":"\\u0000","x":"\\\\u0001"}\n', {
      read: { format: 'ndjson' },
    })
    expect(rows).toEqual([
      ['1', null, '{"No":1}'],
      ['2', 'broken_line', '{"No":2'],
      ['3', 'broken_line', '[3]'],
      ['4', 'control_characters', '{"No":" ","x":"\\\\u0001"}'],
    ])
  })

  it('is refused where the document is cut off, damaged or has no list', async () => {
    const whole = JSON.stringify(records)
    const json = { read: { format: 'json' } }
    expect(await refusal(whole.slice(0, -3), json)).toMatch(/damaged or cut off at record 2/)
    expect(await refusal(whole.slice(0, whole.indexOf(',{"No":2') + 1), json)).toMatch(/damaged or cut off at record 2/)
    expect(await refusal(whole.replace('{"name":"Ada"}', '{"name":"Ada"'), json)).toMatch(/damaged/)
    expect(await refusal('{"people":[]}', json)).toMatch(/no list of records.*read\.records/)
    expect(await refusal('{"people":[]}', { read: { format: 'json', records: 'person' } })).toMatch(/no list at person/)
  })

  it('nested beyond reason is one broken record', async () => {
    const deep = `{"a":${'['.repeat(5000)}${']'.repeat(5000)}}`
    const { rows } = await only(`{"No":1}\n${deep}\n`, { read: { format: 'ndjson' } })
    expect(rows.map((row) => row[1])).toEqual([null, 'broken_line'])
  })
})

describe('a workbook', () => {
  const heading = rowXml(1, ['No', 'Name'])
  const sheets = { sheets: { People: 0 } }

  it('gives titles, hidden columns, dates, times and numbers as text', async () => {
    const workbook = new Excel.Workbook()
    const people = workbook.addWorksheet('People')
    people.addRow(['Caseload'])
    people.addRow([])
    people.addRow(['No', 'Secret', 'NHS', 'Born', 'Seen'])
    people.addRow([1, 'x', 9990000018, new Date('1990-01-05T00:00:00Z'), new Date('2026-03-03T14:30:00Z')])
    people.addRow([])
    people.addRow([2, 'y', '999 000 0026', 32878, 'Sept 2026'])
    people.getColumn(2).hidden = true
    workbook.addWorksheet('Other').addRow(['No'])
    const bytes = new Uint8Array(await workbook.xlsx.writeBuffer())
    const table = await only(bytes, { sheets: { People: 2 } })
    expect(table.headings).toEqual(['No', 'Secret', 'NHS', 'Born', 'Seen'])
    expect(table.rows.map((row) => row.slice(0, 6))).toEqual([
      ['4', null, '1', 'x', '9990000018', '32878'],
      ['6', null, '2', 'y', '999 000 0026', '32878'],
    ])
    expect(Number(table.rows[0]?.[6])).toBeCloseTo(46084 + 14.5 / 24, 9)
  })

  it('keeps every digit of a number that was written short', async () => {
    const rows = heading + rowXml(2, ['<c><v>9.990000018E9</v></c>', 'Ada']) + rowXml(3, ['1.5E3x', 'Ben'])
    const table = await only(zipOf(workbookParts({ People: rows })), sheets)
    expect(table.rows.map((row) => row[2])).toEqual(['9990000018', '1.5E3x'])
  })

  it('says where a formula has no result, unless its column is ignored', async () => {
    const rows =
      heading +
      rowXml(2, [1, '<c><f>A2*2</f><v>2</v></c>']) +
      rowXml(3, [2, '<c t="str"><f>""</f><v></v></c>']) +
      rowXml(4, [3, '<c><f>A4*2</f></c>'])
    const bytes = zipOf(workbookParts({ People: rows }))
    expect(await refusal(bytes, sheets)).toMatch(/Sheet People, row 4, column 2: a formula without its result/)
    const table = await only(bytes, { ...sheets, ignore: ['name'] })
    expect(table.rows.map((row) => row[3])).toEqual(['2', null, null])
  })

  const rows = heading + rowXml(2, [1, 'Ada'])
  const type = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]>'
  it.each([
    ['macros', { 'xl/vbaProject.bin': 'x' }, /holds macros.*plain \.xlsx/],
    ['links to other workbooks', { 'xl/externalLinks/externalLink1.xml': '<a/>' }, /other workbooks.*Break Link/],
    ['a document type', { 'xl/styles.xml': `${type}<a/>` }, /document type/],
    [
      'a document type in UTF-16',
      { 'xl/styles.xml': iconv.encode(`${type}<a/>`, 'utf-16le', { addBOM: true }) },
      /document type/,
    ],
    [
      'a document type in a part of no use',
      { 'docProps/odd.xml': `${' '.repeat(500_000)}${type}<a/>` },
      /document type/,
    ],
  ])('with %s is refused', async (_, more, message) => {
    expect(await refusal(zipOf(workbookParts({ People: rows }, more)), sheets)).toMatch(message)
    expect((await only(zipOf(workbookParts({ People: rows })), sheets)).counted).toBe(1)
  })

  it('that counts its days from 1904 is refused', async () => {
    const parts = workbookParts({ People: rows })
    const workbook = String(parts['xl/workbook.xml']).replace('<sheets>', '<workbookPr date1904="1"/><sheets>')
    expect(await refusal(zipOf({ ...parts, 'xl/workbook.xml': workbook }), sheets)).toMatch(/1904/)
  })

  it('that unpacks to far more than it is, or says it does not, is refused', async () => {
    const bomb = { 'xl/media/image1.png': 'a'.repeat(12_000_000) }
    const parts = workbookParts({ People: rows }, bomb)
    expect(await refusal(zipOf(parts), sheets)).toMatch(/more than 200 times its size.*limits: \{ ratio/)
    expect(await refusal(zipOf(parts, 10), sheets)).toMatch(/more than 200 times its size|not a whole/)
  })
})

describe('Parquet', () => {
  it('is read only from a trusted sender, with its nested values', async () => {
    const path = join(folder, 'a.parquet')
    await database.connection.run(
      `copy (select 7 as "No", date '2026-03-03' as seen, {'name': 'Ada'} as who, [1, 2] as risks, null as gone
        union all select 8, null, {'name': 'Ben'}, [], null order by 1) to ${quoteText(path)} (format parquet)`,
    )
    await expect(readPath(path, { read: { format: 'parquet' } })).rejects.toThrow(/trusted as our own/)
    await expect(readPath(path, {})).rejects.toThrow(/The file is Parquet, not text/)
    const [table] = await readPath(path, { read: { format: 'parquet', trusted: true } })
    expect(table?.headings).toEqual(['No', 'seen', 'who.name', 'risks'])
    expect(table?.lists).toEqual(['risks'])
    expect(table?.rows.map((row) => JSON.parse(String(row[2])) as unknown)).toEqual([
      { No: 7, seen: '2026-03-03', who: { name: 'Ada' }, risks: [1, 2], gone: null },
      { No: 8, seen: null, who: { name: 'Ben' }, risks: [], gone: null },
    ])
  })
})

describe('a file of another kind is told what it is', () => {
  it.each([
    ['PK\x03\x04....', /workbook or a zip file/],
    ['\xd0\xcf\x11\xe0\xa1\xb1', /old Excel workbook/],
    ['PAR1....', /Parquet/],
    ['ARROW1\0\0', /Arrow/],
    ['\xff\xff\xff\xff\x10\x01', /Arrow/],
    [`${'\0'.repeat(8)}DUCK`, /DuckDB/],
    ['SQLite format 3\0', /SQLite/],
    ['%PDF-1.7', /PDF/],
    ['\x1f\x8b\x08', /compressed/],
    ['7z\xbc\xaf\x27\x1c', /compressed/],
    ['-----BEGIN PGP MESSAGE-----', /encrypted/],
    ['<html><table>', /web page/],
    ['\ufeff', /ends before its heading/],
  ])('%j', async (bytes, message) => {
    const content = Buffer.from(bytes === '\ufeff' ? [0xef, 0xbb, 0xbf] : Buffer.from(bytes, 'latin1'))
    expect(await refusal(content)).toMatch(message)
  })

  it('a zip that is no workbook', async () => {
    expect(await refusal(zipOf({ 'a.csv': 'No' }), { sheets: { People: 0 } })).toMatch(/zip file, but no workbook/)
  })
})

describe('a file one over a limit is refused with the name of the limit; at it, it is read', () => {
  const csv = 'No,Name\n1,Ada\n2,Bea\n'
  const over = (limit: string): RegExp => new RegExp(`more than|larger than.*limits: \\{ ${limit}`)

  it.each([
    ['file_bytes', csv.length, csv, {}],
    ['rows', 2, csv, {}],
    ['columns', 2, csv, {}],
    ['rows', 2, '{"a":1,"b":2}\n{"a":1,"b":2}\n', { read: { format: 'ndjson' } }],
    ['columns', 2, '[{"a":1,"b":2},{"a":1,"b":2}]', { read: { format: 'json' } }],
  ] as const)('%s', async (limit, most, content, how) => {
    expect((await only(content, { ...how, limits: { [limit]: most } })).counted).toBe(2)
    const said = await refusal(content, { ...how, limits: { [limit]: most - 1 } })
    expect(said).toMatch(over(limit))
    expect(said).toContain(`limits: { ${limit}: … }`)
  })

  it('rows, columns and sheets of a workbook, and what it unpacks to', async () => {
    const rows = rowXml(1, ['No', 'Name']) + rowXml(2, [1, 'Ada']) + rowXml(3, [2, 'Bea'])
    const parts = workbookParts({ People: rows, Other: rows })
    const unpacked = Object.values(parts).reduce((sum, part) => sum + part.length, 0)
    const bytes = zipOf(parts)
    for (const [limit, most] of Object.entries({ rows: 2, columns: 2, sheets: 2, unpacked_bytes: unpacked })) {
      expect((await only(bytes, { sheets: { People: 0 }, limits: { [limit]: most } })).counted).toBe(2)
      const said = await refusal(bytes, { sheets: { People: 0 }, limits: { [limit]: most - 1 } })
      expect(said).toContain(`limits: { ${limit}: … }`)
    }
  })

  it('cell_characters: the one record goes to quarantine, the others stay', async () => {
    const limits = { cell_characters: 3 }
    const csvRows = (await only('No,Name\n1,Ada\n2,"Beate"\n3,"A""b"\n', { limits })).rows
    expect(csvRows.map((row) => row[1])).toEqual([null, 'over_long_record', null])
    const json = { read: { format: 'ndjson' }, limits }
    const jsonRows = (await only('{"No":"Ada"}\n{"No":"Beat"}\n', json)).rows
    expect(jsonRows.map((row) => row[1])).toEqual([null, 'over_long_record'])
    const sheet = rowXml(1, ['No', 'Nam']) + rowXml(2, [1, 'Ada']) + rowXml(3, [2, 'Beat'])
    const [table] = await readAll(zipOf(workbookParts({ People: sheet })), { sheets: { People: 0 }, limits })
    expect(table?.rows.map((row) => row[1])).toEqual([null, 'over_long_record'])
  })
})

describe('the name of a file', () => {
  it.each(['a*', 'a[bc]', 'a?', "a'; drop", 'a\nb', 'a\u202egnp', '-rf', '~'])('%j is only a name', async (name) => {
    const inner = join(folder, 'names')
    mkdirSync(inner)
    try {
      const sheet = (who: string): Buffer =>
        zipOf(workbookParts({ People: rowXml(1, ['No', 'Name']) + rowXml(2, [1, who]) }))
      for (const other of ['ab', 'ac', 'a']) writeFileSync(join(inner, other), sheet('other'))
      writeFileSync(join(inner, name), sheet('this'))
      const [table] = await readPath(join(inner, name), { sheets: { People: 0 } })
      expect(table?.rows.map((row) => row[3])).toEqual(['this'])
      const names = Object.entries({ ab: 1, ac: 2, [name]: 3 })
      for (const [each, number] of names) {
        await database.connection.run(
          `copy (select ${number} as "No") to ${quoteText(join(inner, 'x'))} (format parquet)`,
        )
        renameSync(join(inner, 'x'), join(inner, each))
      }
      const [parquet] = await readPath(join(inner, name), { read: { format: 'parquet', trusted: true } })
      expect(parquet?.rows.map((row) => row[2])).toEqual(['{"No":3}'])
    } finally {
      rmSync(inner, { recursive: true })
    }
  })
})

describe('a contract', () => {
  it.each([
    ['{ format: csv, records: people }', 'read.records: only for json'],
    ['{ format: csv, trusted: true }', 'read.trusted: only for parquet'],
    [`{ format: json, quote: "'" }`, 'read.quote: only for csv'],
    ['{ format: csv, delimiter: a }', 'read.delimiter: a letter, a digit or a speech mark parts no values'],
    ['{ format: csv }\nlimits: { row: 1 }', 'limits: unknown key row; the nearest known one is rows'],
  ])('with read: %s is told so', (read, problem) => {
    const path = join(folder, 'small.yml')
    writeFileSync(path, smallContract.replace('{ format: csv }', read))
    const { problems } = readContract(path)
    rmSync(path)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(problem)
  })
})

describe('the process that reads', () => {
  const requestOf = (path: string, pipe: string): ReadRequest => {
    const { read, limits } = contractOf({})
    return { path, read, limits, sheets: [{ name: '', skipRows: 0 }], pipes: [pipe] }
  }
  const loadSql = (pipe: string): string =>
    `create or replace temp table raw_0 as from read_csv(${quoteText(pipe)}, auto_detect = false, columns = {'a': 'varchar'})`
  const childrenOf = (id: number): number[] =>
    readFileSync(`/proc/${id}/task/${id}/children`, 'utf8').split(' ').filter(Boolean).map(Number)

  it('has no key, no environment, an empty folder, and can write no file', async () => {
    // A pipe that nobody writes holds the reader at its first step.
    const pipe = makePipe(folder)
    const before = childrenOf(process.pid)
    process.env['DSR_SECRET_OF_THIS_TEST'] = 'x'
    const reader = startReader(folder, requestOf(pipe, pipe), 60)
    try {
      const [id = 0] = childrenOf(process.pid).filter((child) => !before.includes(child))
      while (!readFileSync(`/proc/${id}/cmdline`, 'utf8').startsWith(process.execPath))
        await new Promise((done) => setTimeout(done, 5))
      expect(readFileSync(`/proc/${id}/environ`, 'utf8')).not.toContain('DSR_')
      expect(readFileSync(`/proc/${id}/limits`, 'utf8')).toMatch(/Max file size +0 +0 /)
      expect(readFileSync(`/proc/${id}/limits`, 'utf8')).toMatch(/Max cpu time +60 /)
      expect(readFileSync(`/proc/${id}/cmdline`, 'utf8')).not.toContain(pipe)
      expect(readdirSync(`/proc/${id}/cwd`)).toEqual([])
    } finally {
      reader.stop()
      await reader.ended
      rmSync(pipe)
    }
  })

  it('is given up when it takes too long', async () => {
    const pipe = makePipe(folder)
    const reader = startReader(folder, requestOf(pipe, pipe), 1)
    await expect(reader.next('begin')).rejects.toThrow(/longer to read than 1 seconds/)
    await reader.ended
    rmSync(pipe)
  })

  it('may die at any moment: the load ends, and says why', async () => {
    const path = join(folder, 'file')
    writeFileSync(path, `No,Name\n${'1,Ada\n'.repeat(500_000)}`)
    for (const whenToStop of ['before the pipe is open', 'while it writes'] as const) {
      const pipe = makePipe(folder)
      const reader = startReader(folder, requestOf(path, pipe))
      await reader.next('begin')
      if (whenToStop === 'before the pipe is open') reader.stop()
      const loading = loadPipe(database.connection, 'read a file', loadSql(pipe), pipe, reader.ended)
      reader.stop()
      await loading.catch(() => undefined)
      await expect(reader.next('end')).rejects.toThrow(/more memory or time/)
      await reader.ended
      rmSync(pipe)
    }
  })

  it('that cannot read at all is no fault of ours', async () => {
    await expect(readPath(folder, {})).rejects.toThrow(/cannot be read: its inner structure/)
  })
})
