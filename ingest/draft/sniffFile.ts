import { isUtf8 } from 'node:buffer'
import { closeSync, openSync, readSync } from 'node:fs'
import iconv from 'iconv-lite'
import { DsrError } from '../../register/errors.ts'
import { splitRecord } from '../read/scanCsv.ts'

/** How a file has to be read, as far as its first million bytes tell. */
export interface FileShape {
  readonly format: 'csv' | 'xlsx' | 'ndjson' | 'json'
  readonly encoding: 'utf-8' | 'utf-16' | 'windows-1252'
  readonly delimiter: string
  /** Path of the list of records in a JSON document; null where the document is the list. */
  readonly records: string | null
  /** Lines above the heading. */
  readonly skipRows: number
  /** The text of those lines: they may name the day of the extract. */
  readonly titles: readonly string[]
}

const delimiters = [',', ';', '\t', '|', '^', '~', ':'] as const
const looked = 1_000_000

/**
 * Tells format, encoding, delimiter and title rows from a file's content; its name is not asked, for names lie.
 * @throws DsrError 'input' for a file without content, or of a kind that cannot be read
 */
export function sniffFile(path: string): FileShape {
  const bytes = firstBytes(path)
  if (bytes.length === 0) throw new DsrError('input', `${path} is empty.`, 'Ask the agency to send it again.')
  const plain = { encoding: 'utf-8', delimiter: ',', records: null, skipRows: 0, titles: [] } as const
  if (bytes.length >= 4 && bytes.readUInt32LE(0) === 0x04034b50) return { ...plain, format: 'xlsx' }
  if (bytes.length >= 4 && bytes.readUInt32BE(0) === 0xd0cf11e0)
    throw new DsrError(
      'input',
      `${path} is a workbook of the old .xls kind, or protected by a password.`,
      'Save it as .xlsx without a password, and name that.',
    )
  const encoding = encodingOf(bytes)
  const text = iconv.decode(bytes, encoding).replace(/^\uFEFF/, '')
  if (encoding !== 'utf-16' && text.includes('\u0000'))
    throw new DsrError('input', `${path} is not text and not a workbook.`, 'Send it as CSV, .xlsx or lines of JSON.')
  const start = text.trimStart()
  if (start.startsWith('[')) return { ...plain, encoding, format: 'json' }
  if (start.startsWith('{'))
    return isOneObjectALine(start)
      ? { ...plain, encoding, format: 'ndjson' }
      : { ...plain, encoding, format: 'json', records: firstList(start) }
  return { format: 'csv', encoding, records: null, ...tableOf(text, path) }
}

function firstBytes(path: string): Buffer {
  const file = openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(looked)
    return bytes.subarray(0, readSync(file, bytes, 0, looked, 0))
  } finally {
    closeSync(file)
  }
}

/**
 * UTF-16 by its mark, or by the zeros of its Latin letters; UTF-8 where nearly all lines are; else Windows text. One bad
 * line in UTF-8 is a bad line, not another encoding.
 */
function encodingOf(bytes: Buffer): FileShape['encoding'] {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) return 'utf-16'
  const zeros = bytes.subarray(0, 2000).filter((byte) => byte === 0).length
  if (zeros > Math.min(bytes.length, 2000) / 4) return 'utf-16'
  const all = bytes.toString('latin1').split('\n')
  // The last line may be cut in the middle of a letter.
  const lines = bytes.length < looked ? all : all.slice(0, -1)
  const beyondAscii = lines.filter((line) => /[\u0080-\u00ff]/.test(line))
  const broken = beyondAscii.filter((line) => !isUtf8(Buffer.from(line, 'latin1')))
  return broken.length * 2 > beyondAscii.length ? 'windows-1252' : 'utf-8'
}

function isOneObjectALine(text: string): boolean {
  const first = text.split('\n', 1)[0] ?? ''
  try {
    return typeof JSON.parse(first) === 'object'
  } catch {
    return false
  }
}

/** The first key of a document whose value is a list of objects: `{ "made": "…", "people": [{ … }] }`. */
function firstList(text: string): string | null {
  return /"([^"\\]{1,60})"\s*:\s*\[\s*\{/.exec(text)?.[1] ?? null
}

/** The delimiter that parts most records into the same number of cells, and the first record that is a whole heading. */
function tableOf(text: string, path: string): Pick<FileShape, 'delimiter' | 'skipRows' | 'titles'> {
  const records = recordsOf(text)
  const [best] = delimiters
    .map((delimiter) => ({ delimiter, ...widthOf(records, delimiter) }))
    .sort((a, b) => b.share * Math.min(b.width, 8) - a.share * Math.min(a.width, 8))
  if (!best || best.width < 2)
    throw new DsrError(
      'input',
      `No separator parts the lines of ${path} into columns.`,
      'Look at the file: it has to be a table with a heading row, a workbook, or lines of JSON.',
    )
  const at = records.findIndex((record) => {
    const cells = cellsOf(record.text, best.delimiter)
    return cells.length === best.width && isHeading(cells)
  })
  if (at < 0) throw noHeading(path)
  const titles = records.slice(0, at).map((record) => record.text)
  return { delimiter: best.delimiter, skipRows: records[at]?.line ?? 0, titles }
}

export function noHeading(path: string): DsrError {
  return new DsrError(
    'input',
    `${path} has no heading row: where column names should stand there are values.`,
    'Ask the agency for the file with its column names, or write them above the first line.',
  )
}

/** Column names are several, mostly filled, and hold no date, long number, postcode or address of e-mail. */
export function isHeading(cells: readonly string[]): boolean {
  const filled = cells.map((cell) => cell.trim()).filter((cell) => cell !== '')
  const values = filled.filter((cell) => /^\d[\d\s./:-]*$|\d{5,}|^[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}$|@\S+\./i.test(cell))
  return filled.length >= 2 && filled.length * 2 >= cells.length && values.length === 0
}

interface TextRecord {
  readonly text: string
  /** Lines above it. */
  readonly line: number
}

/** The first records of a text, each with its line; a return inside speech marks does not end one. */
function recordsOf(text: string): readonly TextRecord[] {
  const records: TextRecord[] = []
  let open: TextRecord | null = null
  const lines = text.split('\n')
  for (const [line, content] of lines.slice(0, 2000).entries()) {
    const joined: TextRecord =
      open === null ? { text: content, line } : { text: `${open.text}\n${content}`, line: open.line }
    const isOpen: boolean = (joined.text.split('"').length - 1) % 2 === 1 && line - joined.line < 60
    open = isOpen ? joined : null
    if (!isOpen) records.push({ ...joined, text: joined.text.replace(/\r$/, '') })
  }
  return records.filter((record) => record.text.trim() !== '')
}

function widthOf(
  records: readonly TextRecord[],
  delimiter: string,
): { readonly width: number; readonly share: number } {
  const counts = new Map<number, number>()
  for (const { text } of records.slice(0, 400)) {
    const width = cellsOf(text, delimiter).length
    if (width > 1) counts.set(width, (counts.get(width) ?? 0) + 1)
  }
  const [[width, count] = [0, 0]] = [...counts].sort((a, b) => b[1] - a[1] || b[0] - a[0])
  return { width, share: count / Math.max(1, Math.min(records.length, 400)) }
}

function cellsOf(text: string, delimiter: string): readonly string[] {
  return splitRecord(text, { delimiter, quote: '"' })
}
