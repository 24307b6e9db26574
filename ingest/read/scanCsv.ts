import { isUtf8 } from 'node:buffer'
import type { CheckCode } from '../checks.ts'
import { Canonical, quoted, spaceControls, withLast } from './canonical.ts'

/** What quarantine keeps of a record that is too long. */
const keptOfLong = 100_000

const speechMark = 0x22
const lineFeed = 0x0a
const carriageReturn = 0x0d
const tab = 0x09

export interface CsvShape {
  readonly delimiter: string
  /** The mark around values, or none. */
  readonly quote: '"' | "'" | 'none'
  /** Lines above the heading. */
  readonly skipRows: number
  readonly cellCharacters: number
}

/** What a scan counts besides, without DuckDB: the independent side of read = accepted + quarantined + duplicates. */
export interface Counter {
  counted: number
  /** Records with bytes that are not in the encoding. */
  undecoded: number
}

/**
 * A record longer than this goes to quarantine; a speech mark still open after it is taken as a stray one. A million
 * bytes, or whatever two values of the permitted length take.
 */
export function longestRecord(cellCharacters: number): number {
  return Math.max(1_000_000, cellCharacters * 8)
}

/** The heading record of a CSV stream, as its cells; null when the stream ends before it. */
export function scanHeading(chunks: Iterable<Buffer>, shape: CsvShape): readonly string[] | null {
  let cells: readonly string[] | null = null
  const takeFirst = (bytes: Buffer, found: Found): void => {
    cells ??= splitRecord(bytes.toString('utf8', found.start, found.end), shape)
  }
  for (const _ of walkRecords(chunks, shape, takeFirst)) if (cells) break
  return cells
}

/**
 * Rewrites the records below the heading so that each becomes one clean record of `width` + 2 columns: line of the file
 * where it starts, what is wrong with it as a whole (or nothing), its cells. A record that has the wrong number of
 * cells or stray speech marks is given whole, in the first cell: no record is lost on the way to DuckDB.
 */
export function* scanCsv(
  chunks: Iterable<Buffer>,
  shape: CsvShape,
  width: number,
  counter: Counter,
): Generator<Buffer> {
  const { delimiter, cellCharacters } = shape
  const delimiterByte = delimiter.charCodeAt(0)
  const out = new Canonical()
  let heading = true
  const rewrite = (bytes: Buffer, found: Found): void => {
    if (heading) {
      heading = false
      return
    }
    if (found.start === found.end) return
    counter.counted++
    if (found.undecoded) counter.undecoded++
    let broken: CheckCode | '' = found.broken || (found.fields === width ? '' : 'wrong_number_of_columns')
    const couldHoldLong = found.end - found.start > cellCharacters
    if (broken === '' && !found.odd && !couldHoldLong) {
      out.number(found.line)
      out.byte(delimiterByte)
      out.byte(delimiterByte)
      out.copy(bytes, found.start, found.end)
      out.byte(lineFeed)
      return
    }
    const cells = broken ? [] : splitRecord(bytes.toString('utf8', found.start, found.end), shape)
    if (cells.some((cell) => cell.length > cellCharacters)) broken = 'over_long_record'
    if (broken) {
      const text = bytes.toString('utf8', found.start, Math.min(found.end, found.start + keptOfLong))
      out.text(
        `${found.line}${delimiter}${broken}${delimiter}${quoted(spaceControls(text))}${delimiter.repeat(width - 1)}\n`,
      )
    } else {
      const note = found.controls ? 'control_characters' : ''
      out.text(
        `${found.line}${delimiter}${note}${delimiter}${cells.map((cell) => quoted(spaceControls(cell))).join(delimiter)}\n`,
      )
    }
  }
  for (const _ of walkRecords(chunks, shape, rewrite)) if (out.isFull) yield out.take()
  yield out.take()
}

interface Found {
  /** The record is bytes[start, end); the next one starts at `next`. */
  start: number
  end: number
  next: number
  fields: number
  /** Line of the file where the record starts, from 1. */
  line: number
  /** Line feeds that the record takes, its own end included. */
  lines: number
  broken: CheckCode | ''
  controls: boolean
  undecoded: boolean
  /** Cannot be copied as it is: DuckDB would read something else, or stumble. */
  odd: boolean
}

/** What the scanner looks for; the table says of each byte whether it can be passed over. */
interface Marks {
  readonly delimiter: number
  /** -1 where there is none. */
  readonly quote: number
  /** Of each byte: 0 it can be passed over, 1 it is the delimiter, 2 it has to be looked at. */
  readonly kinds: Uint8Array
  readonly longest: number
}

function marksOf({ delimiter, quote, cellCharacters }: CsvShape): Marks {
  const kinds = new Uint8Array(256)
  for (let byte = 0; byte < 32; byte++) kinds[byte] = byte === tab ? 0 : 2
  for (const byte of [127, speechMark, quote === 'none' ? speechMark : quote.charCodeAt(0)]) kinds[byte] = 2
  kinds[delimiter.charCodeAt(0)] = 1
  return {
    delimiter: delimiter.charCodeAt(0),
    quote: quote === 'none' ? -1 : quote.charCodeAt(0),
    kinds,
    longest: longestRecord(cellCharacters),
  }
}

/**
 * Gives `each` every record after the skipped lines, blank lines as empty records; yields after each chunk. A call per
 * record and not a yield: at ten million records the difference is seconds.
 */
function* walkRecords(
  chunks: Iterable<Buffer>,
  shape: CsvShape,
  each: (bytes: Buffer, found: Readonly<Found>) => void,
): Generator<void> {
  const marks = marksOf(shape)
  const found: Found = {
    start: 0,
    end: 0,
    next: 0,
    fields: 0,
    line: 1,
    lines: 0,
    broken: '',
    controls: false,
    undecoded: false,
    odd: false,
  }
  let rest: Buffer = Buffer.alloc(0)
  let toSkip = shape.skipRows
  let line = 1
  let skippingLong = false
  for (const { chunk, last } of withLast(chunks)) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    // Up to a line feed, for a letter of several bytes may be cut by the chunk's end.
    const isDecoded = isUtf8(last ? bytes : bytes.subarray(0, bytes.lastIndexOf(lineFeed) + 1))
    let at = 0
    while (at < bytes.length) {
      if (toSkip > 0 || skippingLong) {
        const end = bytes.indexOf(lineFeed, at)
        if (end < 0) {
          at = bytes.length
          break
        }
        at = end + 1
        line++
        if (skippingLong) skippingLong = false
        else toSkip--
        continue
      }
      if (!scanRecord(bytes, at, marks, last, found)) break
      found.line = line
      line += found.lines
      at = found.next
      found.undecoded = !isDecoded && !isUtf8(bytes.subarray(found.start, found.end))
      skippingLong = found.broken === 'over_long_record' && bytes[at - 1] !== lineFeed
      each(bytes, found)
    }
    rest = bytes.subarray(at)
    yield
  }
}

/**
 * Finds the record that starts at `start`. False when it needs more bytes. Where the speech marks themselves are
 * damaged, only the first line is taken as the broken record, so that one stray mark does not swallow sound rows.
 */
function scanRecord(bytes: Buffer, start: number, marks: Marks, last: boolean, found: Found): boolean {
  const { delimiter, quote, kinds, longest } = marks
  const length = bytes.length
  let at = start
  let fields = 1
  found.start = start
  found.lines = 0
  found.broken = ''
  found.controls = false
  found.odd = false
  for (;;) {
    // Counted and not branched on: delimiters are too many to guess.
    let kind = 0
    while (at < length && (kind = kinds[bytes[at] ?? 0] ?? 0) !== 2) {
      fields += kind
      at++
    }
    found.fields = fields
    if (at >= length) break
    const byte = bytes[at] ?? 0
    if (byte === lineFeed) return finish(found, at, at + 1, 1, longest)
    if (byte === carriageReturn) {
      if (at + 1 === length && !last) return false
      return finish(found, at, bytes[at + 1] === lineFeed ? at + 2 : at + 1, 1, longest)
    }
    if (byte !== quote || (at > start && bytes[at - 1] !== delimiter)) {
      if (byte !== quote && byte !== speechMark) found.controls = true
      found.odd = true
      at++
      continue
    }
    // DuckDB reads speech marks only; other marks are written anew.
    if (quote !== speechMark) found.odd = true
    at = closingQuote(bytes, at + 1, marks, start, found)
    if (at < 0 || at === length) {
      if (!last && length - start < longest) return false
      if (at < 0) return firstLineOnly(bytes, start, longest, found)
      break
    }
    const after = bytes[at]
    if (after !== delimiter && after !== lineFeed && after !== carriageReturn)
      return firstLineOnly(bytes, start, longest, found)
  }
  if (last) return finish(found, length, length, 0, longest)
  if (length - start < longest) return false
  found.broken = 'over_long_record'
  return finish(found, length, length, 0, longest)
}

/** Position after the closing mark, or -1 when it is not in these bytes. */
function closingQuote(bytes: Buffer, from: number, marks: Marks, start: number, found: Found): number {
  const { quote, kinds } = marks
  const end = Math.min(bytes.length, start + marks.longest + 1)
  let at = from
  for (;;) {
    while (at < end && kinds[bytes[at] ?? 0] !== 2) at++
    if (at >= end) return -1
    const byte = bytes[at] ?? 0
    if (byte === quote) {
      if (bytes[at + 1] !== quote) return at + 1
      at++
    } else if (byte === lineFeed) found.lines++
    else if (byte !== carriageReturn) {
      if (byte !== speechMark) found.controls = true
      found.odd = true
    }
    at++
  }
}

function firstLineOnly(bytes: Buffer, start: number, longest: number, found: Found): boolean {
  const end = bytes.indexOf(lineFeed, start)
  found.broken = 'stray_quote'
  found.lines = 0
  if (end < 0) return finish(found, bytes.length, bytes.length, 0, longest)
  return finish(found, bytes[end - 1] === carriageReturn && end > start ? end - 1 : end, end + 1, 1, longest)
}

function finish(found: Found, end: number, next: number, lines: number, longest: number): boolean {
  found.end = end
  found.next = next
  found.lines += lines
  if (found.broken === '' && end - found.start > longest) found.broken = 'over_long_record'
  return true
}

/** The cells of one record that is known to be sound. */
export function splitRecord(text: string, { delimiter, quote }: Pick<CsvShape, 'delimiter' | 'quote'>): string[] {
  if (quote === 'none') return text.split(delimiter)
  const cells: string[] = []
  let at = 0
  for (;;) {
    if (text[at] === quote) {
      let cell = ''
      at++
      for (;;) {
        const end = text.indexOf(quote, at)
        if (end < 0) return [...cells, cell + text.slice(at)]
        cell += text.slice(at, end)
        at = end + 1
        if (text[at] !== quote) break
        cell += quote
        at++
      }
      cells.push(cell)
      if (at >= text.length) return cells
      at++
    } else {
      const end = text.indexOf(delimiter, at)
      if (end < 0) return [...cells, text.slice(at)]
      cells.push(text.slice(at, end))
      at = end + 1
    }
  }
}
