import { closeSync, createReadStream, fstatSync, openSync, readSync, statSync } from 'node:fs'
import { createInflateRaw, inflateRawSync } from 'node:zlib'
import { DsrError } from '../../register/errors.ts'
import { defaultLimits, type Limits } from '../contract.ts'
import { overLimit } from './requireKind.ts'

/** What a sheet holds, counted without DuckDB: the independent side of read = accepted + quarantined + duplicates. */
export interface SheetContent {
  /** Numbers of the rows that hold any value, in order. */
  readonly rows: readonly number[]
  /** The rightmost column that holds a value, from 1. */
  readonly width: number
  /** Columns (from 1) with a formula whose result is not there, with the first row of each. */
  readonly formulas: ReadonlyMap<number, number>
}

const largestPart = 64_000_000
/** Below this nothing is taken for a zip bomb: small parts of a workbook pack very well. */
const smallestBomb = 10_000_000

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

/**
 * Reads the directory of an .xlsx file; the names of its sheets in order. Nothing is unpacked before `requireSafe`.
 * @throws DsrError 'input' for anything else than a workbook, and for one with macros, links or more than the limits
 */
export class Workbook {
  readonly sheets: readonly string[]
  readonly #path: string
  readonly #limits: Limits
  readonly #parts: ReadonlyMap<string, Entry>
  readonly #sheetParts: ReadonlyMap<string, string>

  constructor(path: string, limits: Limits = defaultLimits) {
    this.#path = path
    this.#limits = limits
    this.#parts = readDirectory(path)
    this.#requireParts()
    this.#requireSize()
    const links = new Map(
      [...this.#part('xl/_rels/workbook.xml.rels').matchAll(/<(?:\w+:)?Relationship\b[^>]*>/g)].map(([tag]) => [
        attribute(tag, 'Id'),
        attribute(tag, 'Target'),
      ]),
    )
    const workbook = this.#part('xl/workbook.xml')
    this.#sheetParts = new Map(
      [...workbook.matchAll(/<(?:\w+:)?sheet\b[^>]*>/g)].map(([tag]) => {
        const target = links.get(attribute(tag, 'r:id')) ?? ''
        return [attribute(tag, 'name'), target.startsWith('/') ? target.slice(1) : `xl/${target}`]
      }),
    )
    this.sheets = [...this.#sheetParts.keys()]
    if (this.sheets.length > limits.sheets)
      throw overLimit('sheets', `The workbook has more than ${limits.sheets} sheets.`)
    if (/<(?:\w+:)?workbookPr\b[^>]*\bdate1904="(?:1|true)"/.test(workbook)) {
      throw new DsrError(
        'input',
        'The workbook counts its days from 1904, so its dates would be read four years early.',
        'Send it as CSV with the dates written out.',
      )
    }
  }

  /**
   * Unpacks every part of the workbook once, and throws it away: the directory of a zip file may lie about sizes, and
   * a document type in any part could make a reader expand it (security.md IN-02).
   */
  async requireSafe(): Promise<void> {
    let unpacked = 0
    for (const entry of this.#parts.values()) {
      let before = ''
      for await (const chunk of this.#unpack(entry)) {
        unpacked += chunk.length
        this.#requireUnpacked(unpacked)
        if (!/\.(?:xml|rels|vml)$/i.test(entry.name)) continue
        const text = before + chunk.toString('latin1')
        if (/<!(?:DOCTYPE|ENTITY)/i.test(text) || /^(?:\xff\xfe|\xfe\xff|<\0|\0<)/.test(text)) {
          throw new DsrError(
            'input',
            'A part of the workbook declares a document type, which no workbook does.',
            'Open it in Excel, save it again and send that.',
          )
        }
        before = text.slice(-10)
      }
    }
  }

  /** Which rows and columns of a sheet hold values. */
  async content(sheet: string): Promise<SheetContent> {
    const entry = this.#parts.get(this.#sheetParts.get(sheet) ?? '')
    if (!entry) throw damaged()
    return await contentOf(this.#unpack(entry))
  }

  #requireParts(): void {
    const names = [...this.#parts.keys()]
    if (!names.includes('xl/workbook.xml')) {
      throw new DsrError(
        'input',
        'The file is a zip file, but no workbook (.xlsx).',
        'Unpack it and send the file inside, or save the table as a workbook (.xlsx).',
      )
    }
    if (names.some((name) => /vbaProject|xl\/macrosheets\//i.test(name))) {
      throw new DsrError('input', 'The workbook holds macros.', 'Save it as a plain .xlsx workbook.')
    }
    if (names.some((name) => /^xl\/externalLinks\//i.test(name))) {
      throw new DsrError(
        'input',
        'The workbook takes values from other workbooks.',
        'In Excel choose Data, Edit Links, Break Link; save it and send that.',
      )
    }
  }

  #requireSize(): void {
    const entries = [...this.#parts.values()]
    const unpacked = entries.reduce((sum, entry) => sum + entry.unpacked, 0)
    this.#requireUnpacked(unpacked)
  }

  #requireUnpacked(unpacked: number): void {
    const { unpacked_bytes: most, ratio } = this.#limits
    if (unpacked > most) throw overLimit('unpacked_bytes', `The workbook unpacks to more than ${most} bytes.`)
    if (unpacked > smallestBomb && unpacked > statSync(this.#path).size * ratio)
      throw overLimit('ratio', `The workbook unpacks to more than ${ratio} times its size.`)
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

  async *#unpack(entry: Entry): AsyncGenerator<Buffer> {
    if (entry.packed === 0) return
    try {
      const start = dataStart(this.#path, entry)
      const packed = createReadStream(this.#path, { start, end: start + entry.packed - 1 })
      const stream = entry.method === 0 ? packed : packed.pipe(createInflateRaw({ chunkSize: 1 << 18 }))
      yield* stream as AsyncIterable<Buffer>
    } catch (error) {
      // Bytes that do not unpack, or a part that lies outside the file: about the file, not about us.
      const { code = '' } = error as { readonly code?: string }
      throw /^Z_|^ERR_OUT_OF_RANGE$|^ERR_BUFFER_OUT_OF_BOUNDS$/.test(code) ? damaged() : error
    }
  }
}

/** Streams through a sheet's XML and notes which rows and columns hold values. */
async function contentOf(chunks: AsyncIterable<Buffer>): Promise<SheetContent> {
  const rows: number[] = []
  const formulas = new Map<number, number>()
  let width = 0
  let row = 0
  let column = 0
  let rest = ''
  let isOpenFormula = false
  for await (const chunk of chunks) {
    const text = rest + chunk.toString('latin1')
    // A tag may be cut by the chunk's end: what follows the last '<' waits for the next chunk.
    const cut = text.lastIndexOf('<')
    rest = text.slice(cut)
    for (const [tag, rowNumber, cell] of text
      .slice(0, cut)
      .matchAll(/<row\b[^>]*?\br="(\d+)"|<c\b[^>]*?\br="([A-Z]+)\d+"[^>]*>|<(?:v|is)>|<f\b|<\/c>/g)) {
      if (rowNumber !== undefined) row = withinSheet(Number(rowNumber), mostRows)
      else if (cell !== undefined) {
        column = withinSheet(columnNumber(cell), mostColumns)
        isOpenFormula = false
      } else if (tag === '<f') isOpenFormula = true
      else if (tag === '</c>') {
        if (isOpenFormula && !formulas.has(column)) formulas.set(column, row)
        isOpenFormula = false
      } else {
        isOpenFormula = false
        if (rows.at(-1) !== row) rows.push(row)
        width = Math.max(width, column)
      }
    }
  }
  return { rows, width, formulas }
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
