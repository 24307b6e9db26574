import { createWriteStream, mkdirSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { finished } from 'node:stream/promises'
import { crc32, createDeflateRaw } from 'node:zlib'
import { writeZip, type ZipMember } from './zipFile.ts'

/** What stands in a cell: text, a number, a day as a spreadsheet's serial number (with or without date format). */
export type Cell = string | number | null | { readonly serial: number; readonly format: 'date' | 'time' | 'none' }

export interface Sheet {
  readonly name: string
  /** Adds a row and gives its number on the sheet, from 1. */
  row(cells: readonly Cell[]): number
}

export interface Workbook {
  readonly sheets: readonly Sheet[]
  flush(): Promise<void>
  close(): Promise<void>
}

export interface SheetOptions {
  readonly name: string
  /** Numbers, from 1, of columns that are not shown. */
  readonly hidden?: readonly number[]
}

/** Excel's own limit. */
const rowLimit = 1_048_576

/**
 * A spreadsheet (.xlsx) of several sheets that grow side by side in small memory, and whose bytes depend on its content
 * alone: the libraries for it hold all but one sheet in memory and stamp the time of day into the file.
 */
export function openWorkbook(path: string, options: readonly SheetOptions[]): Workbook {
  mkdirSync(dirname(path), { recursive: true })
  const sheets = options.map((sheet, index) =>
    openSheet(`${path}.sheet${index + 1}`, `xl/worksheets/sheet${index + 1}.xml`, sheet),
  )
  return {
    sheets,
    async flush() {
      for (const sheet of sheets) await sheet.flush()
    },
    async close() {
      const parts = frame(options.map(({ name }) => name)).map(([name, xml]) =>
        openMember(`${path}.${name.replaceAll('/', '-')}`, name, xml),
      )
      const members: ZipMember[] = []
      for (const member of [...parts, ...sheets]) members.push(await member.close())
      await writeZip(path, members)
      for (const { compressedPath } of members) rmSync(compressedPath)
    },
  }
}

interface Member {
  write(text: string): void
  flush(): Promise<void>
  close(): Promise<ZipMember>
}

/** Text that is deflated into a file of its own while it grows. */
function openMember(compressedPath: string, name: string, begin: string): Member {
  const deflate = createDeflateRaw({ level: 6 })
  const target = deflate.pipe(createWriteStream(compressedPath, { mode: 0o600 }))
  let pieces = [begin]
  let size = 0
  let crc = 0
  const flush = async (): Promise<void> => {
    const bytes = Buffer.from(pieces.join(''))
    pieces = []
    if (bytes.length === 0) return
    size += bytes.length
    crc = crc32(bytes, crc)
    await new Promise<void>((resolve, reject) => deflate.write(bytes, (error) => (error ? reject(error) : resolve())))
  }
  return {
    write: (text) => void pieces.push(text),
    flush,
    async close() {
      await flush()
      deflate.end()
      await finished(target)
      return { name, compressedPath, compressedSize: target.bytesWritten, size, crc }
    },
  }
}

function openSheet(compressedPath: string, member: string, { name, hidden = [] }: SheetOptions): Sheet & Member {
  const columns = hidden
    .map((column) => `<col min="${column}" max="${column}" width="12" hidden="1" customWidth="1"/>`)
    .join('')
  const file = openMember(
    compressedPath,
    member,
    `${xmlHead}<worksheet xmlns="${main}">${columns ? `<cols>${columns}</cols>` : ''}<sheetData>`,
  )
  let rows = 0
  return {
    ...file,
    name,
    row(cells) {
      rows++
      if (rows > rowLimit) throw new RangeError(`sheet ${name} is full: make a smaller demo`)
      file.write(
        `<row r="${rows}">${cells.map((cell, index) => cellXml(cell, `${columnLetters(index)}${rows}`)).join('')}</row>`,
      )
      return rows
    },
    close() {
      file.write('</sheetData></worksheet>')
      return file.close()
    },
  }
}

function cellXml(cell: Cell, at: string): string {
  if (cell === null || cell === '') return ''
  if (typeof cell === 'number') return `<c r="${at}"><v>${cell}</v></c>`
  if (typeof cell === 'string')
    return `<c r="${at}" t="inlineStr"><is><t xml:space="preserve">${escapeXml(cell)}</t></is></c>`
  const style = { date: 1, time: 2, none: 0 }[cell.format]
  return `<c r="${at}" s="${style}"><v>${cell.serial}</v></c>`
}

/** 0 → A, 25 → Z, 26 → AA. */
function columnLetters(index: number): string {
  const letter = String.fromCharCode(65 + (index % 26))
  return index < 26 ? letter : columnLetters(Math.floor(index / 26) - 1) + letter
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}

/** DuckDB's reader refuses a format that leaves out any of these. */
const format = (number: number): string =>
  `<xf numFmtId="${number}" fontId="0" fillId="0" borderId="0"${number === 0 ? '' : ' applyNumberFormat="1"'}/>`

const xmlHead = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const package_ = 'http://schemas.openxmlformats.org/package/2006'
const types = 'application/vnd.openxmlformats-officedocument.spreadsheetml'

/** The fixed parts of a workbook; style 1 is a date, style 2 a date with its time. */
function frame(names: readonly string[]): readonly (readonly [string, string])[] {
  const list = (write: (name: string, number: number) => string): string =>
    names.map((name, index) => write(name, index + 1)).join('')
  return [
    [
      '[Content_Types].xml',
      `${xmlHead}<Types xmlns="${package_}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${types}.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="${types}.styles+xml"/>${list((_, number) => `<Override PartName="/xl/worksheets/sheet${number}.xml" ContentType="${types}.worksheet+xml"/>`)}</Types>`,
    ],
    [
      '_rels/.rels',
      `${xmlHead}<Relationships xmlns="${package_}/relationships"><Relationship Id="rId1" Type="${office}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    ],
    [
      'xl/workbook.xml',
      `${xmlHead}<workbook xmlns="${main}" xmlns:r="${office}"><sheets>${list((name, number) => `<sheet name="${escapeXml(name)}" sheetId="${number}" r:id="rId${number}"/>`)}</sheets></workbook>`,
    ],
    [
      'xl/_rels/workbook.xml.rels',
      `${xmlHead}<Relationships xmlns="${package_}/relationships">${list((_, number) => `<Relationship Id="rId${number}" Type="${office}/worksheet" Target="worksheets/sheet${number}.xml"/>`)}<Relationship Id="rId${names.length + 1}" Type="${office}/styles" Target="styles.xml"/></Relationships>`,
    ],
    [
      'xl/styles.xml',
      `${xmlHead}<styleSheet xmlns="${main}"><fonts count="1"><font><sz val="11"/><name val="Arial"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1">${format(0)}</cellStyleXfs><cellXfs count="3">${format(0)}${format(14)}${format(22)}</cellXfs></styleSheet>`,
    ],
  ]
}
