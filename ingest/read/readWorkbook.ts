import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { createReadStream } from 'node:fs'
import { createInflateRaw, inflateRawSync } from 'node:zlib'
import { DsrError } from '../../register/errors.ts'

/** What a sheet holds, counted without DuckDB: the independent side of read = accepted + quarantined + duplicates. */
export interface SheetContent {
  /** Numbers of the rows that hold any value, in order. */
  readonly rows: readonly number[]
  /** The rightmost column that holds a value, from 1. */
  readonly width: number
}

/** Unpacked size of one sheet that is still read; beyond it the file is taken for a zip bomb. */
const largestSheet = 4_000_000_000
const largestPart = 64_000_000

/** What a sheet of an .xlsx workbook can hold. */
const mostRows = 1_048_576
const mostColumns = 16_384

interface Entry {
  readonly name: string
  readonly method: number
  readonly packed: number
  readonly unpacked: number
  readonly offset: number
}

/** Reads the directory of an .xlsx file; the names of its sheets in order. Throws DsrError 'input' for anything else. */
export class Workbook {
  readonly sheets: readonly string[]
  readonly #path: string
  readonly #parts: ReadonlyMap<string, Entry>
  readonly #sheetParts: ReadonlyMap<string, string>

  constructor(path: string) {
    this.#path = path
    this.#parts = readDirectory(path)
    if ([...this.#parts.keys()].some((name) => /vbaProject/i.test(name))) {
      throw new DsrError('input', 'The workbook holds macros.', 'Save it as a plain .xlsx workbook.')
    }
    const links = new Map(
      [...this.#part('xl/_rels/workbook.xml.rels').matchAll(/<Relationship\b[^>]*>/g)].map(([tag]) => [
        attribute(tag, 'Id'),
        attribute(tag, 'Target'),
      ]),
    )
    this.#sheetParts = new Map(
      [...this.#part('xl/workbook.xml').matchAll(/<(?:\w+:)?sheet\b[^>]*>/g)].map(([tag]) => {
        const target = links.get(attribute(tag, 'r:id')) ?? ''
        return [attribute(tag, 'name'), target.startsWith('/') ? target.slice(1) : `xl/${target}`]
      }),
    )
    this.sheets = [...this.#sheetParts.keys()]
  }

  /** Which rows and columns of a sheet hold values. */
  async content(sheet: string): Promise<SheetContent> {
    const entry = this.#parts.get(this.#sheetParts.get(sheet) ?? '')
    if (!entry) throw damaged()
    if (entry.unpacked > largestSheet || entry.unpacked > entry.packed * 1000 + 1_000_000) {
      throw new DsrError(
        'input',
        'A sheet of the workbook unpacks to more than a sheet can hold.',
        'Check the file, or send it as CSV.',
      )
    }
    try {
      return await contentOf(this.#path, entry)
    } catch (error) {
      // Bytes that do not unpack, or a part that lies outside the file: about the file, not about us.
      const { code = '' } = error as { readonly code?: string }
      throw /^Z_|^ERR_OUT_OF_RANGE$|^ERR_BUFFER_OUT_OF_BOUNDS$/.test(code) ? damaged() : error
    }
  }

  #part(name: string): string {
    const entry = this.#parts.get(name)
    if (!entry || entry.unpacked > largestPart) throw damaged()
    const file = openSync(this.#path, 'r')
    try {
      const packed = readBytes(file, dataStart(this.#path, entry), entry.packed)
      return (entry.method === 0 ? packed : inflateRawSync(packed, { maxOutputLength: largestPart })).toString('utf8')
    } catch {
      throw damaged()
    } finally {
      closeSync(file)
    }
  }
}

/** Streams through a sheet's XML and notes which rows and columns hold values. */
async function contentOf(path: string, entry: Entry): Promise<SheetContent> {
  const start = dataStart(path, entry)
  const packed = createReadStream(path, { start, end: start + entry.packed - 1 })
  const stream = (entry.method === 0 ? packed : packed.pipe(createInflateRaw())) as AsyncIterable<Buffer>
  const rows: number[] = []
  let width = 0
  let row = 0
  let column = 0
  let rest = ''
  for await (const chunk of stream) {
    const text = rest + chunk.toString('latin1')
    // A tag may be cut by the chunk's end: what follows the last '<' waits for the next chunk.
    const cut = text.lastIndexOf('<')
    rest = text.slice(cut)
    for (const [, rowNumber, cell] of text
      .slice(0, cut)
      .matchAll(/<row\b[^>]*?\br="(\d+)"|<c\b[^>]*?\br="([A-Z]+)\d+"|<(?:v|is)>/g)) {
      if (rowNumber !== undefined) row = withinSheet(Number(rowNumber), mostRows)
      else if (cell !== undefined) column = withinSheet(columnNumber(cell), mostColumns)
      else {
        if (rows.at(-1) !== row) rows.push(row)
        width = Math.max(width, column)
      }
    }
  }
  return { rows, width }
}

/** A cell outside what a sheet can hold would make us, and DuckDB, count up to it. */
function withinSheet(number: number, most: number): number {
  if (number > most) throw damaged()
  return number
}

/** Letters of a column for its number: 1 is A, 27 is AA. */
export function columnLetters(number: number): string {
  return number <= 26
    ? String.fromCharCode(64 + number)
    : columnLetters(Math.floor((number - 1) / 26)) + columnLetters(((number - 1) % 26) + 1)
}

function columnNumber(letters: string): number {
  return Array.from(letters).reduce((number, letter) => number * 26 + letter.charCodeAt(0) - 64, 0)
}

/** The central directory of a zip file (APPNOTE 4.3.12); no zip64, which Excel does not need below 4 GB. */
function readDirectory(path: string): ReadonlyMap<string, Entry> {
  const file = openSync(path, 'r')
  try {
    const size = fstatSync(file).size
    const head = readBytes(file, 0, Math.min(size, 8))
    if (head.readUInt32BE(0) === 0xd0cf11e0) {
      throw new DsrError(
        'input',
        'The workbook is protected by a password, or of the old .xls kind.',
        'Save it as .xlsx without a password.',
      )
    }
    if (head.readUInt32LE(0) !== 0x04034b50) throw damaged()
    const tail = readBytes(file, Math.max(0, size - 66_000), Math.min(size, 66_000))
    const end = tail.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]))
    if (end < 0) throw damaged()
    const bytes = readBytes(file, tail.readUInt32LE(end + 16), tail.readUInt32LE(end + 12))
    const entries = new Map<string, Entry>()
    for (let at = 0; at + 46 <= bytes.length;) {
      const nameLength = bytes.readUInt16LE(at + 28)
      const name = bytes.toString('utf8', at + 46, at + 46 + nameLength)
      entries.set(name, {
        name,
        method: bytes.readUInt16LE(at + 10),
        packed: bytes.readUInt32LE(at + 20),
        unpacked: bytes.readUInt32LE(at + 24),
        offset: bytes.readUInt32LE(at + 42),
      })
      at += 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32)
    }
    return entries
  } catch (error) {
    throw error instanceof DsrError ? error : damaged()
  } finally {
    closeSync(file)
  }
}

function dataStart(path: string, entry: Entry): number {
  const file = openSync(path, 'r')
  try {
    const header = readBytes(file, entry.offset, 30)
    return entry.offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28)
  } finally {
    closeSync(file)
  }
}

function readBytes(file: number, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length)
  return bytes.subarray(0, readSync(file, bytes, 0, length, position))
}

function attribute(tag: string, name: string): string {
  const value = new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1] ?? ''
  return value
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&amp;', '&')
}

function damaged(): DsrError {
  return new DsrError(
    'input',
    'The file is not a whole .xlsx workbook.',
    'Open it in Excel, save it again and send that, or correct read.format in the contract.',
  )
}
