import { isUtf8 } from 'node:buffer'
import type { CheckCode } from '../checks.ts'

/** A record longer than this goes to quarantine; a speech mark still open after it is taken as a stray one. */
const longestRecord = 1_000_000
/** What quarantine keeps of a record that is too long. */
const keptOfLong = 100_000

const quote = 0x22
const lineFeed = 0x0a
const carriageReturn = 0x0d
const tab = 0x09

export interface CsvShape {
  readonly delimiter: string
  /** Lines above the heading. */
  readonly skipRows: number
}

export interface Counter {
  counted: number
}

/**
 * The heading record of a CSV stream, as its cells; null when the stream ends before it. `line` is its line number.
 */
export async function scanHeading(chunks: AsyncIterable<Buffer>, shape: CsvShape): Promise<readonly string[] | null> {
  let cells: readonly string[] | null = null
  const takeFirst = (bytes: Buffer, found: Found): void => {
    cells ??= splitRecord(bytes.toString('utf8', found.start, found.end), shape.delimiter)
  }
  for await (const _ of walkRecords(chunks, shape, takeFirst)) if (cells) break
  return cells
}

/**
 * Rewrites the records below the heading so that each becomes one clean record of `width` + 2 columns: line of the file
 * where it starts, what is wrong with it as a whole (or nothing), its cells. A record that has the wrong number of
 * cells or stray speech marks is given whole, in the first cell: no record is lost on the way to DuckDB, and
 * `counter` counts them without DuckDB.
 */
export async function* scanCsv(
  chunks: AsyncIterable<Buffer>,
  shape: CsvShape,
  width: number,
  counter: Counter,
): AsyncGenerator<Buffer> {
  const { delimiter } = shape
  const out = new Batch()
  let heading = true
  const rewrite = (bytes: Buffer, found: Found): void => {
    if (heading) {
      heading = false
      return
    }
    if (found.start === found.end) return
    counter.counted++
    const broken: CheckCode | '' = found.broken || (found.fields === width ? '' : 'wrong_number_of_columns')
    if (broken) {
      const text = bytes.toString('utf8', found.start, Math.min(found.end, found.start + keptOfLong))
      out.text(`${found.line}${delimiter}${broken}${delimiter}${quoted(text)}${delimiter.repeat(width - 1)}\n`)
    } else if (found.odd) {
      const cells = splitRecord(bytes.toString('utf8', found.start, found.end), delimiter)
      const note = found.controls ? 'control_characters' : ''
      out.text(
        `${found.line}${delimiter}${note}${delimiter}${cells.map((cell) => quoted(spaceControls(cell))).join(delimiter)}\n`,
      )
    } else {
      out.text(`${found.line}${delimiter}${delimiter}`)
      out.bytes(bytes, found.start, found.end)
      out.text('\n')
    }
  }
  for await (const _ of walkRecords(chunks, shape, rewrite)) if (out.isFull) yield out.take()
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
  /** Holds control characters, or a speech mark inside an unquoted cell: has to be written anew for DuckDB. */
  odd: boolean
}

/**
 * Gives `each` every record after the skipped lines, blank lines as empty records; yields after each chunk. A call per
 * record and not a yield: at ten million records the difference is seconds.
 */
async function* walkRecords(
  chunks: AsyncIterable<Buffer>,
  shape: CsvShape,
  each: (bytes: Buffer, found: Readonly<Found>) => void,
): AsyncGenerator<void> {
  const delimiter = shape.delimiter.charCodeAt(0)
  const found: Found = {
    start: 0,
    end: 0,
    next: 0,
    fields: 0,
    line: 1,
    lines: 0,
    broken: '',
    controls: false,
    odd: false,
  }
  let rest: Buffer = Buffer.alloc(0)
  let toSkip = shape.skipRows
  let line = 1
  let skippingLong = false
  for await (const { chunk, last } of withLast(chunks)) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
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
      if (!scanRecord(bytes, at, delimiter, last, found)) break
      found.line = line
      line += found.lines
      at = found.next
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
function scanRecord(bytes: Buffer, start: number, delimiter: number, last: boolean, found: Found): boolean {
  const length = bytes.length
  let at = start
  let atFieldStart = true
  found.start = start
  found.fields = 1
  found.lines = 0
  found.broken = ''
  found.controls = false
  found.odd = false
  while (at < length) {
    const byte = bytes[at] ?? 0
    if (byte === quote && atFieldStart) {
      at = closingQuote(bytes, at + 1, start, found)
      if (at < 0 || at === length) {
        if (!last && length - start < longestRecord) return false
        if (at < 0) return firstLineOnly(bytes, start, found)
        break
      }
      const after = bytes[at]
      if (after !== delimiter && after !== lineFeed && after !== carriageReturn)
        return firstLineOnly(bytes, start, found)
      atFieldStart = false
      continue
    }
    if (byte === delimiter) {
      found.fields++
      atFieldStart = true
    } else if (byte === lineFeed) {
      return finish(found, at, at + 1, 1)
    } else if (byte === carriageReturn) {
      if (at + 1 === length && !last) return false
      return finish(found, at, bytes[at + 1] === lineFeed ? at + 2 : at + 1, 1)
    } else {
      if (byte < 32 || byte === 127) {
        if (byte !== tab) found.controls = found.odd = true
      } else if (byte === quote) found.odd = true
      atFieldStart = false
    }
    at++
  }
  if (last) return finish(found, length, length, 0)
  if (length - start < longestRecord) return false
  found.broken = 'over_long_record'
  return finish(found, length, length, 0)
}

/** Position after the closing speech mark, or -1 when it is not in these bytes. */
function closingQuote(bytes: Buffer, from: number, start: number, found: Found): number {
  let at = from
  while (at < bytes.length && at - start <= longestRecord) {
    const byte = bytes[at] ?? 0
    if (byte === quote) {
      if (bytes[at + 1] !== quote) return at + 1
      at++
    } else if (byte === lineFeed) found.lines++
    else if ((byte < 32 && byte !== tab && byte !== carriageReturn) || byte === 127) found.controls = found.odd = true
    at++
  }
  return -1
}

function firstLineOnly(bytes: Buffer, start: number, found: Found): boolean {
  const end = bytes.indexOf(lineFeed, start)
  found.broken = 'stray_quote'
  found.lines = 0
  if (end < 0) return finish(found, bytes.length, bytes.length, 0)
  return finish(found, bytes[end - 1] === carriageReturn && end > start ? end - 1 : end, end + 1, 1)
}

function finish(found: Found, end: number, next: number, lines: number): boolean {
  found.end = end
  found.next = next
  found.lines += lines
  if (found.broken === '' && end - found.start > longestRecord) found.broken = 'over_long_record'
  return true
}

/** The cells of one record that is known to be sound. */
export function splitRecord(text: string, delimiter: string): string[] {
  const cells: string[] = []
  let at = 0
  for (;;) {
    if (text[at] === '"') {
      let cell = ''
      at++
      for (;;) {
        const end = text.indexOf('"', at)
        if (end < 0) return [...cells, cell + text.slice(at)]
        cell += text.slice(at, end)
        at = end + 1
        if (text[at] !== '"') break
        cell += '"'
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

/** Lines of a stream, each rewritten as line number, nothing, and the line: for JSON, which has no raw tabs. */
export async function* scanLines(chunks: AsyncIterable<Buffer>, counter: Counter): AsyncGenerator<Buffer> {
  const out = new Batch()
  let line = 0
  let rest: Buffer = Buffer.alloc(0)
  let cutting = false
  for await (const { chunk, last } of withLast(chunks)) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    let at = 0
    while (at < bytes.length) {
      const end = bytes.indexOf(lineFeed, at)
      const isLong = (end < 0 ? bytes.length : end) - at > longestRecord
      if (end < 0 && !last && !isLong) break
      const stop = end < 0 ? bytes.length : end
      if (!cutting) line++
      const text = cutting ? '' : bytes.toString('utf8', at, isLong ? at + keptOfLong : stop).replaceAll(/[\t\r]/g, ' ')
      cutting = end < 0 && !last
      at = end < 0 ? bytes.length : end + 1
      if (text.trim() === '') continue
      counter.counted++
      out.text(`${line}\t${isLong ? 'over_long_record' : ''}\t${text}\n`)
      if (out.isFull) yield out.take()
    }
    rest = bytes.subarray(at)
  }
  yield out.take()
}

async function* withLast(
  chunks: AsyncIterable<Buffer>,
): AsyncGenerator<{ readonly chunk: Buffer; readonly last: boolean }> {
  let held: Buffer | null = null
  for await (const chunk of chunks) {
    if (held) yield { chunk: held, last: false }
    held = chunk
  }
  yield { chunk: held ?? Buffer.alloc(0), last: true }
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`
}

function spaceControls(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what it is about
  return text.replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, ' ')
}

/** Bytes for DuckDB, a million at a time; it refuses invalid UTF-8, so that becomes U+FFFD here. */
class Batch {
  #buffer = Buffer.allocUnsafe(1 << 21)
  #length = 0

  get isFull(): boolean {
    return this.#length >= 1 << 20
  }

  text(text: string): void {
    this.#room(text.length * 3)
    this.#length += this.#buffer.write(text, this.#length, 'utf8')
  }

  bytes(source: Buffer, start: number, end: number): void {
    this.#room(end - start)
    this.#length += source.copy(this.#buffer, this.#length, start, end)
  }

  take(): Buffer {
    const taken = this.#buffer.subarray(0, this.#length)
    this.#buffer = Buffer.allocUnsafe(1 << 21)
    this.#length = 0
    return isUtf8(taken) ? taken : Buffer.from(taken.toString('utf8'))
  }

  #room(bytes: number): void {
    if (this.#length + bytes <= this.#buffer.length) return
    const larger = Buffer.allocUnsafe((this.#length + bytes) * 2)
    this.#buffer.copy(larger, 0, 0, this.#length)
    this.#buffer = larger
  }
}
